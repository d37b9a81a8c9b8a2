//! How much a direction reads at a time, and whether it is long enough to splice.

/// What a direction reads at first, and when its receiver is slow, in bytes: a whole message of most protocols.
pub(crate) const SMALL: usize = 16 * 1024;

/// The bytes moved within [`WINDOW`] turns that make a direction long.
const LONG: usize = 256 * 1024;

/// The number of turns over which a direction is judged: below 4 KiB in each, splicing is no better than copying.
const WINDOW: u8 = 64;

/// How much a direction reads at a time, and whether it is long enough to splice.
#[derive(Debug)]
pub struct Pace {
    read: usize,
    moved: usize,
    turns: u8,
    long: bool,
}

impl Pace {
    /// Creates the pace of a direction that has just begun.
    pub fn new() -> Pace {
        Pace { read: SMALL, moved: 0, turns: 0, long: false }
    }

    /// Returns how many bytes to read next.
    pub fn read(&self) -> usize {
        self.read
    }

    /// Returns whether the direction has moved much in a short time.
    pub fn is_long(&self) -> bool {
        self.long
    }

    /// Notes that a read of `n` bytes was written whole.
    pub fn flowed(&mut self, n: usize) {
        if n >= self.read {
            self.read = n.saturating_mul(2);
        }
        self.moved(n);
    }

    /// Notes that only `n` bytes of a read were written: reading more at a time would only mean keeping more.
    pub fn stalled(&mut self, n: usize) {
        self.read = n.max(SMALL);
        self.moved(n);
    }

    /// Notes that `n` bytes were moved.
    pub fn moved(&mut self, n: usize) {
        self.moved = self.moved.saturating_add(n);
        if self.moved >= LONG {
            (self.long, self.moved, self.turns) = (true, 0, 0);
        }
    }

    /// Notes the end of a turn in which bytes were moved.
    pub fn turned(&mut self) {
        self.turns += 1;
        if self.turns >= WINDOW {
            (self.long, self.moved, self.turns) = (false, 0, 0);
        }
    }
}

impl Default for Pace {
    fn default() -> Pace {
        Pace::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_grow_while_they_are_taken_whole_and_shrink_to_what_is_taken() {
        let mut pace = Pace::new();
        assert_eq!(pace.read(), SMALL);
        pace.flowed(SMALL);
        pace.flowed(2 * SMALL);
        assert_eq!(pace.read(), 4 * SMALL);
        pace.flowed(SMALL);
        assert_eq!(pace.read(), 4 * SMALL, "a short read changes nothing");
        pace.stalled(3 * SMALL);
        assert_eq!(pace.read(), 3 * SMALL);
        pace.stalled(0);
        assert_eq!(pace.read(), SMALL);
    }

    #[test]
    fn a_direction_is_long_by_its_rate_and_not_by_its_age() {
        let mut pace = Pace::new();
        for _ in 0..100_000 {
            pace.flowed(100);
            pace.turned();
            assert!(!pace.is_long());
        }
        for _ in 0..LONG / SMALL {
            assert!(!pace.is_long());
            pace.flowed(SMALL);
        }
        assert!(pace.is_long());
        for _ in 0..WINDOW {
            pace.flowed(100);
            pace.turned();
        }
        assert!(!pace.is_long(), "and no longer once it slows down");
    }
}
