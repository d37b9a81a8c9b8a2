//! Timeouts of both modes.

use std::time::Duration;

/// `timeout client`, `server`, `connect` and the others. `None` waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Inactivity of the client.
    pub client: Option<Duration>,
    /// The same once the connection is half-closed.
    pub client_fin: Option<Duration>,
    /// Handshakes of the client, in place of `client`.
    pub client_hs: Option<Duration>,
    /// Inactivity of the server.
    pub server: Option<Duration>,
    /// The same once the connection is half-closed.
    pub server_fin: Option<Duration>,
    /// Each attempt to connect.
    pub connect: Option<Duration>,
    /// Inactivity of both sides of a tunnel, in place of `client` and `server`.
    pub tunnel: Option<Duration>,
    /// Waiting in a queue.
    pub queue: Option<Duration>,
}
