//! How the bytes of a head become a message's arena without being copied.

use crate::fields::{Fields, Piece};

/// The head ends at `end` of `input`: swaps the buffers, so that the head is where it was, and copies what follows it to
/// the other one. Gives where the message stands.
pub(super) fn head(input: &mut Vec<u8>, fields: &mut Fields, start: usize, end: usize) -> Piece {
    let arena = fields.arena_mut();
    std::mem::swap(input, arena);
    input.clear();
    input.extend_from_slice(&arena[end..]);
    arena.truncate(end);
    Piece::new(start, end)
}
