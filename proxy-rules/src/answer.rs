//! An answer that the proxy gives by itself.

use std::sync::Arc;

use proxy_http::Response;

/// A complete response.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its head. `content-length` is there if there is a body, and nothing about the connection.
    pub head: Response,
    /// Its body.
    pub body: Arc<[u8]>,
}
