//! Makes the bytes of a head the arena of a message, and copies as little as possible.

use crate::fields::{Fields, Piece};

/// The smallest arena that a head is copied to, in bytes.
const SMALLEST: usize = 512;

/// Takes a head that ends at `end` of `input`, and leaves there what follows it. Of the two the longer one stays in its
/// buffer, so that no second one of its size is needed. Returns the range of the message.
#[inline]
pub(super) fn head(input: &mut Vec<u8>, fields: &mut Fields, start: usize, end: usize) -> Piece {
    let arena = fields.arena_mut();
    if input.len() - end > end {
        arena.clear();
        arena.reserve(end.max(SMALLEST));
        arena.extend_from_slice(&input[..end]);
        input.drain(..end);
    } else {
        std::mem::swap(input, arena);
        input.clear();
        input.extend_from_slice(&arena[end..]);
        arena.truncate(end);
    }
    Piece::new(start, end)
}
