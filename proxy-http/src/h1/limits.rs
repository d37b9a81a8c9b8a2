//! The limits of a head or of the trailers.

/// The limits of a head or of the trailers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes, start line and empty line included.
    pub head: usize,
    /// The most fields; the end of the head counts as one.
    pub fields: usize,
    /// Whether to accept what breaks the rules of HTTP but not the framing: 8-bit bytes and fragments in targets,
    /// NUL in values, invalid names (such fields are removed), an authority that `host` contradicts, a WebSocket
    /// handshake without a key, HTTP/0.9 requests.
    pub accept_unsafe: bool,
    /// Whether a GET, HEAD or DELETE of HTTP/1.0 may have a body.
    pub body_with_any_method: bool,
}

impl Limits {
    /// The default limit of a head in bytes: a buffer of 16 KiB less the 1 KiB that is reserved for rewriting.
    pub const HEAD: usize = 15_360;
    /// The default limit of fields in a head, its end included.
    pub const FIELDS: usize = 101;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            head: Limits::HEAD,
            fields: Limits::FIELDS,
            accept_unsafe: false,
            body_with_any_method: false,
        }
    }
}
