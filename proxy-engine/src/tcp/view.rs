//! The view that rules have of a session of mode tcp.

use proto_core::stream::Stream;
use proxy_http::Request;
use proxy_rules::Buffered;

/// The view that rules have of a session.
pub(super) struct View<'v> {
    /// The client's connection.
    pub(super) client: &'v dyn Stream,
    /// The server's connection, once there is one.
    pub(super) server: Option<&'v dyn Stream>,
    /// The bytes that the client has sent, while they are held.
    pub(super) request: Option<Buffered<'v>>,
    /// The client's bytes as a request of HTTP, if they are one.
    pub(super) http: Option<&'v mut Request>,
    /// Whether the client's bytes may still become a request.
    pub(super) request_is_coming: bool,
    /// The bytes that the server has sent, while they are held.
    pub(super) response: Option<Buffered<'v>>,
}

impl<'v> View<'v> {
    /// Creates the view of a client without a server, and without any of its bytes.
    pub(super) fn of(client: &'v dyn Stream) -> View<'v> {
        View { client, server: None, request: None, http: None, request_is_coming: false, response: None }
    }
}
