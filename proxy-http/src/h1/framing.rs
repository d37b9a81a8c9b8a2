//! How a body is delimited (RFC 9112, section 6).

use crate::body::BodyLength;

/// How a body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// So many bytes follow; said by `content-length`, so 0 is not the same as none.
    Length(u64),
    /// Chunks follow, then perhaps trailers.
    Chunked,
    /// All bytes until the connection is closed.
    UntilClose,
}

impl Framing {
    /// What is known of the length.
    pub fn length(self) -> BodyLength {
        match self {
            Framing::None => BodyLength::Empty,
            Framing::Length(length) => BodyLength::Known(length),
            Framing::Chunked | Framing::UntilClose => BodyLength::Unknown,
        }
    }
}
