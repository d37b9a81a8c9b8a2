//! What a head or the trailers may be.

/// What a head or the trailers may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes, start line and empty line included.
    pub head: usize,
    /// The most fields; the end of the head counts as one.
    pub fields: usize,
    /// Whether what breaks the rules of HTTP but not the framing is let through: 8-bit bytes and fragments in targets,
    /// NUL in values, odd names (such fields are left out), an authority that `host` contradicts, a WebSocket handshake
    /// without a key, HTTP/0.9 requests.
    pub accept_unsafe: bool,
    /// Whether a GET, HEAD or DELETE of HTTP/1.0 may have a body.
    pub body_with_any_method: bool,
}

impl Limits {
    /// Bytes of a head: a buffer of 16 KiB less the 1 KiB that is kept for rewriting.
    pub const HEAD: usize = 15_360;
    /// Fields of a head, and its end.
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
