//! HTTP/1.0 and 1.1 (RFC 9112) without I/O.
//!
//! * [`RequestParser`], [`ResponseParser`]: parse heads from the bytes that have arrived so far.
//! * [`BodyDecoder`]: decodes the bytes after a head, delimited as [`Framing`] says.
//! * [`mod@write`]: writes heads, chunks and trailers.
//!
//! ```text
//!  bytes ─► RequestLine, StatusLine ─► Scanner ─► Facts ─► Request, Response ─► write ─► bytes
//!           (the first line)           (fields)   (body,   (their bytes are
//!                                                 connection) the bytes read)
//! ```
//!
//! What is read leniently is written strictly: white space, line ends and repeated values are normalised, so that
//! the next recipient has only one way to read them.

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
