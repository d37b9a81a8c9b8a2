//! The bytes on the wire: a pseudo-random stream that can be made, and checked, from any offset.
//!
//! Word `i` (8 bytes, little endian) of the stream is `TABLE[i mod 512] ^ tag(seed, i / 512)`. The table stays in
//! the L1 cache and a tag is mixed once per 4 KiB, so making and checking cost a load and an xor per word, far
//! below what the kernel spends on copying. Words differ within a block through the table and between blocks
//! through the tag, and the tag depends on the seed: loss, duplication, reordering and bytes of another connection
//! are all detected, at the latest a few bytes after the place (each wrong byte is right by accident once in 256).

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

/// The bytes that share one tag; the table is one such block. 4 KiB fit an L1 cache many times.
const BLOCK: usize = 4096;
const WORD: usize = 8;
/// The odd constant of Weyl sequences, 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

static TABLE: [u64; BLOCK / WORD] = table();

/// The name of one byte stream. Two connections that run at the same time should not share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// Returns a seed that differs from run to run, so that concurrent runs against one origin cannot be mixed up
    /// unnoticed.
    pub fn random() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }

    /// Returns the seed of the `index`th connection of a run.
    pub fn nth(self, index: u64) -> Self {
        Self(mix(self.0 ^ mix(index.wrapping_add(1))))
    }
}

/// The first wrong byte of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset} is {got:#04x} instead of {expected:#04x}")]
pub struct Mismatch {
    /// The offset from the start of the stream.
    pub offset: u64,
    pub expected: u8,
    pub got: u8,
}

/// The stream of one seed.
#[derive(Clone, Copy)]
pub struct Pattern {
    seed: u64,
}

impl Pattern {
    pub const fn new(seed: Seed) -> Self {
        Self { seed: seed.0 }
    }

    /// Fills `buffer` with the bytes of the stream from `offset` on.
    pub fn fill(&self, offset: u64, buffer: &mut [u8]) {
        let (mut offset, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            let within = within(offset);
            let (piece, after) = rest.split_at_mut(rest.len().min(BLOCK - within));
            fill_piece(self.tag(offset), within, piece);
            offset = offset.wrapping_add(piece.len() as u64);
            rest = after;
        }
    }

    /// Checks that `data` is what the stream holds from `offset` on.
    pub fn check(&self, offset: u64, data: &[u8]) -> Result<(), Mismatch> {
        let (mut offset, mut rest) = (offset, data);
        while !rest.is_empty() {
            let within = within(offset);
            let (piece, after) = rest.split_at(rest.len().min(BLOCK - within));
            let tag = self.tag(offset);
            if !piece_matches(tag, within, piece)
                && let Some(at) = (0..piece.len()).find(|&at| piece[at] != byte(tag, within + at))
            {
                let expected = byte(tag, within + at);
                return Err(Mismatch { offset: offset.wrapping_add(at as u64), expected, got: piece[at] });
            }
            offset = offset.wrapping_add(piece.len() as u64);
            rest = after;
        }
        Ok(())
    }

    fn tag(&self, offset: u64) -> u64 {
        mix(self.seed ^ mix((offset / BLOCK as u64).wrapping_mul(GOLDEN).wrapping_add(1)))
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:#018x})", self.seed)
    }
}

fn within(offset: u64) -> usize {
    (offset % BLOCK as u64) as usize
}

/// Returns the number of bytes before the first whole word: reads end anywhere, so pieces begin anywhere.
fn head_of(within: usize, len: usize) -> usize {
    ((WORD - within % WORD) % WORD).min(len)
}

fn byte(tag: u64, within: usize) -> u8 {
    (TABLE[within / WORD] ^ tag).to_le_bytes()[within % WORD]
}

fn fill_piece(tag: u64, within: usize, piece: &mut [u8]) {
    let end = within + piece.len();
    let (head, body) = piece.split_at_mut(head_of(within, piece.len()));
    for (at, out) in head.iter_mut().enumerate() {
        *out = byte(tag, within + at);
    }
    let first_word = within.div_ceil(WORD);
    let (words, tail) = body.as_chunks_mut::<WORD>();
    for (out, word) in words.iter_mut().zip(TABLE.iter().skip(first_word)) {
        *out = (word ^ tag).to_le_bytes();
    }
    let tail_at = end - tail.len();
    for (at, out) in tail.iter_mut().enumerate() {
        *out = byte(tag, tail_at + at);
    }
}

/// Returns only whether the piece matches, so that the loop over the words has no branch and can be vectorised.
fn piece_matches(tag: u64, within: usize, piece: &[u8]) -> bool {
    let (head, body) = piece.split_at(head_of(within, piece.len()));
    let (words, tail) = body.as_chunks::<WORD>();
    let tail_at = within + piece.len() - tail.len();
    let wrong_words = words
        .iter()
        .zip(TABLE.iter().skip(within.div_ceil(WORD)))
        .fold(0, |wrong, (got, word)| wrong | (u64::from_le_bytes(*got) ^ word ^ tag));
    wrong_words == 0
        && head.iter().enumerate().all(|(at, &got)| got == byte(tag, within + at))
        && tail.iter().enumerate().all(|(at, &got)| got == byte(tag, tail_at + at))
}

/// The finaliser of splitmix64: a bijection in which every bit of the input affects every bit of the output.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

const fn table() -> [u64; BLOCK / WORD] {
    let mut table = [0; BLOCK / WORD];
    let mut index = 0;
    while index < table.len() {
        table[index] = mix((index as u64 + 1).wrapping_mul(GOLDEN));
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(seed: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        Pattern::new(Seed(seed)).fill(0, &mut bytes);
        bytes
    }

    #[test]
    fn any_piece_equals_the_same_piece_of_the_whole() {
        let whole = stream(7, 3 * BLOCK);
        let pattern = Pattern::new(Seed(7));
        for from in (0..2 * BLOCK).step_by(13).chain([BLOCK - 1, BLOCK, BLOCK + 1]) {
            for len in [0, 1, 3, 7, 8, 9, 64, BLOCK - 1, BLOCK] {
                let mut piece = vec![0; len];
                pattern.fill(from as u64, &mut piece);
                assert_eq!(piece, whole[from..from + len], "{from}+{len}");
                assert_eq!(pattern.check(from as u64, &piece), Ok(()));
            }
        }
    }

    #[test]
    fn every_single_flipped_bit_is_found_at_its_offset() {
        let pattern = Pattern::new(Seed(1));
        let mut bytes = stream(1, 2 * BLOCK);
        for at in (0..bytes.len()).step_by(61) {
            bytes[at] ^= 1;
            let found = pattern.check(0, &bytes).map_err(|mismatch| mismatch.offset);
            assert_eq!(found, Err(at as u64));
            bytes[at] ^= 1;
        }
    }

    #[test]
    fn loss_duplication_and_reordering_are_found_where_they_happen() {
        let pattern = Pattern::new(Seed(2));
        let good = stream(2, 8 * BLOCK);
        for at in [1, 8, 1448, BLOCK, BLOCK + 1, 3 * BLOCK] {
            for len in [1, 8, 1448, BLOCK, 2 * BLOCK] {
                let lost = [&good[..at], &good[at + len..]].concat();
                let doubled = [&good[..at + len], &good[at..]].concat();
                let swapped =
                    [&good[..at], &good[at + len..at + 2 * len], &good[at..at + len], &good[at + 2 * len..]]
                        .concat();
                for (what, bytes, spot) in
                    [("lost", lost, at), ("doubled", doubled, at + len), ("swapped", swapped, at)]
                {
                    let found = pattern.check(0, &bytes).expect_err(what).offset;
                    assert!(
                        (spot as u64..spot as u64 + 16).contains(&found),
                        "{what} {len}@{at}: found {found}"
                    );
                }
            }
        }
    }

    #[test]
    fn another_seed_is_another_stream() {
        let other = stream(Seed(3).nth(0).0, 64);
        assert!(Pattern::new(Seed(3).nth(1)).check(0, &other).is_err());
    }

    #[test]
    fn an_offset_far_out_works() {
        let pattern = Pattern::new(Seed(4));
        let mut bytes = [0; 100];
        pattern.fill(u64::MAX - 500, &mut bytes);
        assert_eq!(pattern.check(u64::MAX - 500, &bytes), Ok(()));
        assert!(pattern.check(u64::MAX - 501, &bytes).is_err());
    }
}
