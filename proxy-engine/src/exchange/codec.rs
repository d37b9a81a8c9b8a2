//! Codecs, which make the two sides of exchanges from connections.

use proto_core::stream::Stream;

use super::back::Back;
use super::front::Front;
use crate::policy::HttpPolicy;

/// Makes a client's connection from a stream, by the policy of its frontend.
pub(crate) type FrontCodec = fn(Box<dyn Stream>, &HttpPolicy) -> Front;

/// Makes a server's connection from a stream, by the policy of its backend.
pub(crate) type BackCodec = fn(Box<dyn Stream>, &HttpPolicy) -> Back;

/// A version of HTTP on connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    pub(crate) front: FrontCodec,
    pub(crate) back: BackCodec,
}
