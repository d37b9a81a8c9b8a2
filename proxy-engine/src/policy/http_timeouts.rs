//! Timeouts of HTTP.

use std::time::Duration;

/// `timeout http-request`, `http-keep-alive` and `tarpit`. `None` is unset, or set to 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpTimeouts {
    /// For a request's head, from its first byte; for the first request of a connection, from its start. With
    /// [`buffer_request`](super::Switches::buffer_request) it covers the body, too. Without this timeout only the
    /// client's inactivity is limited. The frontend's value applies; the backend's applies to the body alone.
    pub request: Option<Duration>,
    /// Until the first byte of a client's next request; without it [`request`](Self::request) is used, and without that
    /// the client's inactivity timeout.
    pub keep_alive: Option<Duration>,
    /// How long a request in a tarpit waits for its reply. In an [`HttpPolicy`](super::HttpPolicy) it defaults to the
    /// section's connect timeout, and without both the reply is sent at once.
    pub tarpit: Option<Duration>,
}
