//! The choice of a codec for each connection of mode http.

use proto_core::stream::Stream;

use crate::exchange::codec::{BackCodec, FrontCodec};
use crate::observe::Ingress;
use crate::upstream::Server;

/// Choosers of codecs. They run once the layers of a connection are passed: one of them may have negotiated a codec.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codecs {
    /// Chooses the codec of a client's connection, by its listener.
    pub(crate) front: fn(&Ingress, &dyn Stream) -> FrontCodec,
    /// Chooses the codec of a server's connection.
    pub(crate) back: fn(&Server, &dyn Stream) -> BackCodec,
}
