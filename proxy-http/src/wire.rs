//! The bytes of an unchanged head.

use crate::body::BodyLength;
use crate::fields::Piece;

/// The bytes of a head as received, if writing it would result in the same bytes: a codec can pass such a head on
/// without reading its fields again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    /// The range of the bytes in the arena.
    pub(crate) bytes: Piece,
    /// The length of the body that they announce.
    pub(crate) body: BodyLength,
    /// Whether they contain `connection: upgrade`.
    pub(crate) upgrade: bool,
}
