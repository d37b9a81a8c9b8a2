//! What rules are shown of a session of mode tcp.

use proto_core::stream::Stream;
use proxy_http::Request;
use proxy_rules::Buffered;

/// What rules are shown of a session.
pub(super) struct View<'v> {
    /// The client's connection.
    pub(super) client: &'v dyn Stream,
    /// The server's, once there is one.
    pub(super) server: Option<&'v dyn Stream>,
    /// What the client has sent, while it is held.
    pub(super) request: Option<Buffered<'v>>,
    /// That as a request of HTTP, if it is one.
    pub(super) http: Option<&'v mut Request>,
    /// Whether it may still become one.
    pub(super) request_is_coming: bool,
    /// What the server has sent, while it is held.
    pub(super) response: Option<Buffered<'v>>,
}

impl<'v> View<'v> {
    /// A client without a server, and none of its bytes.
    pub(super) fn of(client: &'v dyn Stream) -> View<'v> {
        View { client, server: None, request: None, http: None, request_is_coming: false, response: None }
    }
}
