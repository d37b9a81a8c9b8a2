//! What makes the two sides of an exchange of a connection.

use proto_core::stream::Stream;

use super::back::Back;
use super::front::Front;
use crate::policy::HttpPolicy;

/// What a connection speaks. Chosen for each connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    /// For a client's.
    pub(crate) front: fn(Box<dyn Stream>, &HttpPolicy) -> Front,
    /// For a server's.
    pub(crate) back: fn(Box<dyn Stream>, &HttpPolicy) -> Back,
}
