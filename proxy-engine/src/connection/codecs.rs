//! Which codec a connection of mode http speaks.

use proto_core::stream::Stream;

use crate::exchange::codec::{BackCodec, FrontCodec};
use crate::observe::Ingress;
use crate::upstream::Server;

/// Chooses the codec of each connection once its layers are passed: one of them may have negotiated it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codecs {
    /// For a client's connection, by where it came in.
    pub(crate) front: fn(&Ingress, &dyn Stream) -> FrontCodec,
    /// For a server's connection.
    pub(crate) back: fn(&Server, &dyn Stream) -> BackCodec,
}
