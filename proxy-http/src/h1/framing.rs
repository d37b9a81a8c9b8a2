//! The framing of a body (RFC 9112, section 6).

use crate::body::BodyLength;

/// The way in which a body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// This many bytes follow, from `content-length`; so 0 is not the same as no body.
    Length(u64),
    /// Chunks follow, and possibly trailers.
    Chunked,
    /// The body ends when the connection is closed.
    UntilClose,
}

impl Framing {
    /// Returns what is known of the length.
    pub fn length(self) -> BodyLength {
        match self {
            Framing::None => BodyLength::Empty,
            Framing::Length(length) => BodyLength::Known(length),
            Framing::Chunked | Framing::UntilClose => BodyLength::Unknown,
        }
    }
}
