//! Writes heads, chunks and trailers.
//!
//! The fields of a message about its body and connection are not copied: the framing of the body and the state of
//! the connection come from [`Outbound`]. They are written in the places of the message's own fields, or else at
//! the end.

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

/// The state of the connection after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// The connection stays open.
    KeepAlive,
    /// The connection is closed after the message.
    Close,
    /// The connection changes to another protocol, or the message offers that; the fields are those of the message.
    Upgrade,
}

/// The settings for writing a message.
#[derive(Clone, Copy, Debug)]
pub struct Outbound<'a> {
    /// The length of the body, as far as it is known. `Empty` is for messages that cannot have a body: a request
    /// without one, the response to a HEAD, 1xx, 204, 304, the head of a tunnel. An empty body is `Known(0)`.
    pub body: BodyLength,
    /// The state of the connection to announce.
    pub connection: Connection,
    /// The version of the peer: for a response that of its request. It has no effect for a request.
    pub peer: Version,
    /// The names that are not written in lower case.
    pub names: Option<&'a CaseMap>,
}

impl Outbound<'_> {
    /// Returns whether the head can be sent unchanged.
    fn takes_wire(&self, body: BodyLength) -> bool {
        self.body == body && self.names.is_none_or(CaseMap::is_empty)
    }
}

/// The bytes of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head<'a> {
    /// The unchanged bytes of the message.
    Wire(&'a [u8]),
    /// Written: the bytes were appended to the buffer.
    Encoded,
}

/// A head that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    /// The bytes of the head.
    pub head: Head<'a>,
    /// The framing with which to send the body.
    pub body: Framing,
    /// The state of the connection that was announced: it may have to close even if that was not the setting.
    pub connection: Connection,
}
