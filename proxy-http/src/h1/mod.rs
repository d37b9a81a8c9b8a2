//! HTTP/1.0 and 1.1 (RFC 9112) without I/O.
//!
//! * [`RequestParser`], [`ResponseParser`]: heads, out of whatever bytes have come so far.
//! * [`BodyDecoder`]: the bytes behind a head, as [`Framing`] says they are delimited.
//! * [`mod@write`]: heads, chunks and trailers back to bytes.
//!
//! ```text
//!  bytes ─► RequestLine, StatusLine ─► Scanner ─► Facts ─► Request, Response ─► write ─► bytes
//!           (the first line)           (fields)   (body,   (their bytes are
//!                                                 connection) the bytes read)
//! ```
//!
//! What is read leniently is written strictly: white space, line ends and what is said twice are put right on the way, so
//! that whoever reads it next has no choice.

mod authority;
mod block;
mod body;
mod bytes;
mod chunk;
mod elements;
mod error;
mod facts;
mod framing;
mod handover;
mod limits;
mod request;
mod request_line;
mod response;
mod scan;
mod status_line;
mod target;
pub mod write;

pub use body::{BodyDecoder, Decoded};
pub use error::{BodyError, BodyErrorKind, HeadErrorKind, RequestError, ResponseError};
pub use framing::Framing;
pub use limits::Limits;
pub use request::{RequestMeta, RequestParser};
pub use response::{ResponseMeta, ResponseParser};
