//! Timeouts of both modes.

use std::time::Duration;

/// `timeout client`, `server`, `connect` and the others. `None` waits forever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// The inactivity timeout of the client.
    pub client: Option<Duration>,
    /// The inactivity timeout of the client once the connection is half-closed.
    pub client_fin: Option<Duration>,
    /// The timeout of handshakes with the client, in place of `client`.
    pub client_hs: Option<Duration>,
    /// The inactivity timeout of the server.
    pub server: Option<Duration>,
    /// The inactivity timeout of the server once the connection is half-closed.
    pub server_fin: Option<Duration>,
    /// The timeout of each attempt to connect.
    pub connect: Option<Duration>,
    /// The inactivity timeout of both sides of a tunnel, in place of `client` and `server`.
    pub tunnel: Option<Duration>,
    /// The longest wait in a queue.
    pub queue: Option<Duration>,
}
