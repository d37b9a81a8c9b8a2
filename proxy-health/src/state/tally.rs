//! Consecutive results of checks.
//!
//! ```text
//!  0 ── 1 ── .. ── rise-1 │ rise ── .. ── rise+fall-1
//!  down, and so many checks have passed │ up, and so many more may fail
//! ```
//!
//! The first check that makes it up makes it full, and the first that makes it down makes it empty.

/// A tally of consecutive results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many checks in a row have to pass until the server is up; at least 1.
    rise: u32,
    /// How many checks in a row have to fail until it is down; at least 1.
    fall: u32,
    health: u32,
}

impl Tally {
    /// The most checks in a row.
    pub const MOST: u32 = i32::MAX as u32;
    /// The default number of checks that have to pass.
    pub const RISE: u32 = 2;
    /// The default number of checks that have to fail.
    pub const FALL: u32 = 3;
    /// The tally of an agent check: each answer counts at once.
    pub const AGENT: Tally = Tally { rise: 1, fall: 1, health: 1 };
    /// The tally of a server that is not checked.
    pub const UNCHECKED: Tally = Tally { rise: Tally::RISE, fall: Tally::FALL, health: 0 };

    /// Creates the tally of a server that is up, and that the first failed check stops. A number of 0 counts as 1.
    pub fn new(rise: u32, fall: u32) -> Tally {
        let (rise, fall) = (rise.clamp(1, Tally::MOST), fall.clamp(1, Tally::MOST));
        Tally { rise, fall, health: rise }
    }

    fn full(&self) -> u32 {
        self.rise + self.fall - 1
    }

    /// Returns how many checks in a row have to pass until the server is up.
    pub fn rise(&self) -> u32 {
        self.rise
    }

    /// Returns how many checks in a row have to fail until it is down.
    pub fn fall(&self) -> u32 {
        self.fall
    }

    /// Returns the number of consecutive results, from 0 on, as state files have it.
    pub fn health(&self) -> u32 {
        self.health
    }

    /// Sets the number of consecutive results, of those that are possible.
    pub fn set_health(&mut self, health: u32) {
        self.health = health.min(self.full());
    }

    /// Returns whether the server is up.
    pub fn is_up(&self) -> bool {
        self.health >= self.rise
    }

    /// Returns whether as many checks may fail as ever.
    pub fn is_full(&self) -> bool {
        self.health == self.full()
    }

    /// Returns whether as many checks have to pass as ever.
    pub fn is_empty(&self) -> bool {
        self.health == 0
    }

    /// Counts a check that has passed, and returns whether that changed anything.
    pub fn pass(&mut self) -> bool {
        if self.is_full() {
            return false;
        }
        self.health += 1;
        if self.is_up() {
            self.fill();
        }
        true
    }

    /// Counts a check that has failed, and returns whether that changed anything.
    pub fn fail(&mut self) -> bool {
        if self.is_empty() {
            return false;
        }
        self.health -= 1;
        if !self.is_up() {
            self.empty();
        }
        true
    }

    /// Makes it up, so that as many checks may fail as ever.
    pub fn fill(&mut self) {
        self.health = self.full();
    }

    /// Makes it down, so that as many checks have to pass as ever.
    pub fn empty(&mut self) {
        self.health = 0;
    }

    /// Makes it up, so that the next failed check makes it down.
    pub fn set_barely_up(&mut self) {
        self.health = self.rise;
    }

    /// Makes it down, so that the next passed check makes it up.
    pub fn set_nearly_up(&mut self) {
        self.health = self.rise - 1;
    }

    /// If several checks may fail, leaves only one that may (`on-error sudden-death`): the one after it stops the server.
    pub fn leave_one(&mut self) {
        if self.health > self.rise {
            self.health = self.rise + 1;
        }
    }

    /// Returns how many checks have passed or may still fail, and how many there are, as log lines show them: `3/3` when
    /// it is up, `0/2` when it is down.
    pub fn shown(&self) -> (u32, u32) {
        match self.is_up() {
            true => (self.health - self.rise + 1, self.fall),
            false => (self.health, self.rise),
        }
    }
}

impl Default for Tally {
    fn default() -> Tally {
        Tally::new(Tally::RISE, Tally::FALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_and_falls_after_its_numbers() {
        let mut tally = Tally::default();
        let mut shown = vec![(tally.is_up(), tally.shown())];
        let checks = [true, true, false, false, false, false, true, false, true, true];
        for passes in checks {
            if passes {
                tally.pass()
            } else {
                tally.fail()
            };
            shown.push((tally.is_up(), tally.shown()));
        }
        let (up, down) = (true, false);
        assert_eq!(
            shown,
            [
                (up, (1, 3)),
                (up, (3, 3)),
                (up, (3, 3)),
                (up, (2, 3)),
                (up, (1, 3)),
                (down, (0, 2)),
                (down, (0, 2)),
                (down, (1, 2)),
                (down, (0, 2)),
                (down, (1, 2)),
                (up, (3, 3)),
            ]
        );
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let mut tally = Tally::new(u32::MAX, u32::MAX);
        tally.fill();
        assert_eq!(tally.shown(), (Tally::MOST, Tally::MOST));
        assert_eq!(Tally::new(0, 0), Tally::new(1, 1));
    }
}
