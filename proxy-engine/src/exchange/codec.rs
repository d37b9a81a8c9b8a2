//! What makes the two sides of an exchange of a connection.

use proto_core::stream::Stream;

use super::back::Back;
use super::front::Front;
use crate::policy::HttpPolicy;

/// Makes a client's connection of a stream, by what its frontend says.
pub(crate) type FrontCodec = fn(Box<dyn Stream>, &HttpPolicy) -> Front;

/// Makes a server's connection of a stream, by what its backend says.
pub(crate) type BackCodec = fn(Box<dyn Stream>, &HttpPolicy) -> Back;

/// A version of HTTP on connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    pub(crate) front: FrontCodec,
    pub(crate) back: BackCodec,
}
