//! TLS: the parser of its first message, without I/O, and the samples of that message.
//!
//! * [`handshake`]: a handshake message from the records at the beginning of a connection.
//! * [`ClientHello`]: the first message of a client, and the lists in it.
//! * [`sslv2`]: the header of an SSLv2-compatible hello (RFC 5246, appendix E.2), of which only the version is read.
//! * `samples/`: `req.ssl_sni` and others that inspect bytes without decrypting them.
//!
//! All bytes are untrusted. A reader gets all bytes so far and returns a [`Progress`]; it never panics, never reads
//! past what it got, and allocates only for a complete message in several records, at most [`handshake::LONGEST`]
//! bytes.

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
