//! Heads, chunks and trailers to bytes.
//!
//! What a message says about its body and connection is not taken over: how the body is delimited and what is said about
//! the connection comes from [`Outbound`], in the places where the message says it, or else at the end.

use super::Framing;
use crate::body::BodyLength;
use crate::version::Version;

mod chunks;
mod head;
mod names;
mod request;
mod response;

pub use chunks::{CHUNK_END, ChunkHead, LAST_CHUNK, last_chunk};
pub use names::CaseMap;
pub use request::request;
pub use response::response;

/// What is said about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// It stays open.
    KeepAlive,
    /// It is closed behind the message.
    Close,
    /// It changes to another protocol, or offers to; the message says so itself.
    Upgrade,
}

/// How a message is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Outbound<'a> {
    /// What is known of the body. `Empty` is for messages that can have none: a request without one, the response to a
    /// HEAD, 1xx, 204, 304, the head of a tunnel. What merely has nothing in it is `Known(0)`.
    pub body: BodyLength,
    /// What is said about the connection.
    pub connection: Connection,
    /// The version the peer speaks: for a response that of its request. For a request it does not matter.
    pub peer: Version,
    /// Names that are not to be written in lower case.
    pub names: Option<&'a CaseMap>,
}

impl Outbound<'_> {
    /// Whether a head as it stands on the wire can do.
    fn takes_wire(&self, body: BodyLength) -> bool {
        self.body == body && self.names.is_none_or(CaseMap::is_empty)
    }
}

/// Where the bytes of a head are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head<'a> {
    /// As they stand in the message.
    Wire(&'a [u8]),
    /// They were appended to the buffer.
    Encoded,
}

/// A head that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    /// Its bytes.
    pub head: Head<'a>,
    /// How the body has to be delimited.
    pub body: Framing,
    /// What the peer was told about the connection: it may have to close where it was not to.
    pub connection: Connection,
}
