//! How long things may take on the side of a backend.

use std::time::Duration;

use proxy_relay::SideTimeouts;

/// How long things may take on the servers' side. `None` waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackendTimeouts {
    /// Each attempt to connect.
    pub connect: Option<Duration>,
    /// Waiting for a slot; without it the limit of connecting holds.
    pub queue: Option<Duration>,
    /// Silence of the server, and the same once one of its directions is shut.
    pub server: SideTimeouts,
    /// Silence of both sides, in place of their own limits.
    pub tunnel: Option<Duration>,
}
