//! TLS: what its first message says, without I/O, and the samples of it.
//!
//! * [`handshake`]: a handshake message out of the records at the beginning of a connection.
//! * [`ClientHello`]: the message with which a client begins, and the lists in it.
//! * [`sslv2`]: the header of an SSLv2-compatible hello (RFC 5246, appendix E.2), of which only the version is read.
//! * `samples/`: `req.ssl_sni` and the others that look into bytes which nobody decrypts.
//!
//! All bytes are hostile. A reader gets all bytes so far and answers a [`Progress`]; it never panics, never reads past
//! what it got, and allocates only for a message in several records that is there to its end, at most
//! [`handshake::LONGEST`] bytes.

pub mod client_hello;
mod cursor;
pub mod handshake;
mod progress;
mod samples;
pub mod sslv2;
mod version;

pub use client_hello::ClientHello;
pub use progress::Progress;
pub use version::Version;
