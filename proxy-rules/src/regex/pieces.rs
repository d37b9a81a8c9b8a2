//! The pieces in which a subject is searched: ranges of the places where a match may begin.
//!
//! A piece is small enough that the clock is checked often, whatever the expression does. One that takes too many steps
//! is searched again in halves, with twice as many steps for each start, so that one step more than all before it
//! takes is the most that is done between two looks at the clock.

use super::sys::Code;

/// The number of bytes that all starts of one piece may look at, if each looks at the whole subject once.
const PIECE: usize = 256 << 10;

/// The maximum number of pieces, as long as none takes too many steps.
const CALLS: usize = 1024;

/// The number of steps from one start before the clock is checked. It is doubled each time they do not suffice.
const STEPS: u32 = 256;

/// The pieces of a subject.
pub(super) struct Pieces<'s> {
    subject: &'s [u8],
    first: usize,
    starts: usize,
    steps: u32,
    /// Whether matches begin only where a character does.
    utf: bool,
}

impl<'s> Pieces<'s> {
    pub(super) fn new(subject: &'s [u8], code: &Code) -> Pieces<'s> {
        let whole = subject.len() + 1;
        let starts = match code.is_anchored() {
            true => whole,
            // A large number of calls takes time as well.
            false => (PIECE / whole).max(subject.len() / CALLS).clamp(1, whole),
        };
        Pieces { subject, first: 0, starts, steps: STEPS, utf: code.is_utf() }
    }

    /// Returns the first and the last start of the next piece, and the steps for each start.
    pub(super) fn next(&self) -> (usize, usize, u32) {
        (self.first, (self.first + self.starts - 1).min(self.subject.len()), self.steps)
    }

    /// Continues after the last start of a piece in which nothing matches.
    pub(super) fn continue_after(&mut self, last: usize) {
        self.first = last + 1;
        while self.utf && self.subject.get(self.first).is_some_and(|byte| byte & 0xc0 == 0x80) {
            self.first += 1;
        }
    }

    /// Repeats from fewer starts, with more steps for each.
    pub(super) fn refine(&mut self) {
        self.starts = (self.starts / 2).max(1);
        self.steps = self.steps.saturating_mul(2);
    }
}
