//! What can be configured of a backend: how long things may take, and where sessions go that could not connect.

use std::time::Duration;

use proxy_relay::SideLimits;

/// How long things may take on the servers' side. `None` waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackendTimeouts {
    /// Each attempt to connect.
    pub connect: Option<Duration>,
    /// Waiting for a slot; without it the limit of connecting holds.
    pub queue: Option<Duration>,
    /// Silence of the server, and the same once one of its directions is shut.
    pub server: SideLimits,
    /// Silence of both sides, in place of their own limits.
    pub tunnel: Option<Duration>,
}

/// When a session that could not connect may go to another server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redispatch {
    /// It stays with its server.
    #[default]
    Off,
    /// On every n-th attempt after the first, unless n is 0.
    Every(u32),
    /// On the n-th attempt before the end, and then on every multiple; 1 is the last attempt.
    BeforeLast(u32),
}
