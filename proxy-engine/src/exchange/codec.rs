//! Codecs, which make the two sides of exchanges from connections.

use std::rc::Rc;

use proto_core::stream::Stream;

use super::back::Back;
use super::front::Front;
use super::memory::Memory;
use crate::policy::HttpPolicy;

/// Makes a client's connection from a stream, by the policy of its frontend, with the buffers of its worker.
pub(crate) type FrontCodec = fn(Box<dyn Stream>, &HttpPolicy, &Rc<Memory>) -> Front;

/// Makes a server's connection from a stream, by the policy of its backend, with the buffers of its worker.
pub(crate) type BackCodec = fn(Box<dyn Stream>, &HttpPolicy, &Rc<Memory>) -> Back;

/// A version of HTTP on connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    pub(crate) front: FrontCodec,
    pub(crate) back: BackCodec,
}
