//! Timeouts of HTTP.

use std::time::Duration;

/// `timeout http-request`, `http-keep-alive` and `tarpit`. `None` is unset, or set to 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpTimeouts {
    /// For a request's head, from its first byte; for the first request of a connection, from the start. With
    /// [`buffer_request`](super::Switches::buffer_request) it covers the body, too. Without this timeout only the
    /// client's inactivity is limited. The frontend's counts; the backend's for the body alone.
    pub request: Option<Duration>,
    /// Until the first byte of a client's next request; without it [`request`](Self::request) is used, and without that
    /// the client's inactivity timeout.
    pub keep_alive: Option<Duration>,
    /// How long a request that was caught in a tarpit waits for its answer. In an [`HttpPolicy`](super::HttpPolicy) it is
    /// the section's connect timeout if it is not set, and without both the answer comes at once.
    pub tarpit: Option<Duration>,
}
