//! `rand`: a random number.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

/// Returns the next number of this thread. The generator is SplitMix64: nobody should rely on its numbers for secrets.
fn next() -> u64 {
    thread_local! {
        static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0_u8));
    }
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A number below a limit.
#[derive(Debug)]
struct Rand(u64);

impl Fetch for Rand {
    fn get<'c>(&'c self, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        // The upper bits of the product are as evenly distributed as those of the number.
        Some(Sample::Integer((((next() >> 32) * self.0) >> 32).cast_signed()))
    }
}

inventory::submit! {
    FetchEntry::new(
        "rand",
        "[<range>]",
        Type::Integer,
        Need::Nothing,
        "a random number below the range; without one, of 32 bits",
        |inputs| {
            let range = inputs.number_or(1 << 32, 1..=1 << 32, "how many numbers there are, at most 2^32")?;
            Ok(Box::new(Rand(range.cast_unsigned())))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_of_a_range_occur_and_no_other() {
        let mut counts = [0; 4];
        for _ in 0..4000 {
            counts[usize::try_from(((next() >> 32) * 3) >> 32).unwrap()] += 1;
        }
        assert_eq!(counts[3], 0);
        assert!(counts[..3].iter().all(|count| *count > 1000), "{counts:?}");
    }
}
