//! Timeouts on the servers' side.

use std::time::Duration;

use proxy_relay::SideTimeouts;

/// Timeouts on the servers' side. `None` waits forever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackendTimeouts {
    /// The timeout of each attempt to connect.
    pub connect: Option<Duration>,
    /// The longest wait for a slot; without it the connect timeout applies.
    pub queue: Option<Duration>,
    /// The inactivity timeout of the server, and the one after one of its directions is shut down.
    pub server: SideTimeouts,
    /// The inactivity timeout of both sides of a tunnel, in place of their own.
    pub tunnel: Option<Duration>,
}
