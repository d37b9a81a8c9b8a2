//! The bytes of a head that nobody has changed.

use crate::body::BodyLength;
use crate::fields::Piece;

/// The bytes of a head as they came, where writing it would give just these: what lets a codec pass a head on without
/// looking at its fields again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    /// Where they stand in the arena.
    pub(crate) bytes: Piece,
    /// The body that they promise.
    pub(crate) body: BodyLength,
    /// Whether they say `connection: upgrade`.
    pub(crate) upgrade: bool,
}
