//! Makes the bytes of a head the arena of a message without copying them.

use crate::fields::{Fields, Piece};

/// Takes a head that ends at `end` of `input`: swaps the buffers, so that the head stays where it was, and copies
/// what follows it to the other one. Returns the range of the message.
pub(super) fn head(input: &mut Vec<u8>, fields: &mut Fields, start: usize, end: usize) -> Piece {
    let arena = fields.arena_mut();
    std::mem::swap(input, arena);
    input.clear();
    input.extend_from_slice(&arena[end..]);
    arena.truncate(end);
    Piece::new(start, end)
}
