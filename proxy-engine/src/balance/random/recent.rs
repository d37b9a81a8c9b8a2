//! How often each server was chosen of late: over a window that slides with the number of choices, so that no clock is
//! read, and a server that comes back lacks no more than the choices of a window.

/// The choices of a window for each server.
const PER_SERVER: u64 = 32;

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    window: u64,
    now: u64,
    before: u64,
}

#[derive(Debug, Default)]
pub(super) struct Recent {
    servers: Vec<Counts>,
    window: u64,
    /// The choices in this window.
    choices: u64,
}

impl Recent {
    /// Makes room for as many servers.
    pub(super) fn resize(&mut self, count: usize) {
        self.servers.resize(count, Counts::default());
    }

    fn length(&self) -> u64 {
        self.servers.len() as u64 * PER_SERVER
    }

    /// Returns the counts of a server in this window and the one before.
    fn counts(&self, index: usize) -> (u64, u64) {
        let Counts { window, now, before } = self.servers[index];
        match self.window - window {
            0 => (now, before),
            1 => (0, now),
            _ => (0, 0),
        }
    }

    /// Returns how often a server was chosen in the last window's length, times the length.
    pub(super) fn of(&self, index: usize) -> u64 {
        let (now, before) = self.counts(index);
        now * self.length() + before * (self.length() - self.choices)
    }

    /// Counts a choice.
    pub(super) fn chosen(&mut self, index: usize) {
        let (now, before) = self.counts(index);
        self.servers[index] = Counts { window: self.window, now: now + 1, before };
        self.choices += 1;
        if self.choices >= self.length() {
            (self.window, self.choices) = (self.window + 1, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_past_does_not_count() {
        let mut recent = Recent::default();
        recent.resize(2);
        for _ in 0..PER_SERVER {
            recent.chosen(0);
            recent.chosen(1);
        }
        assert_eq!(recent.of(0), recent.of(1));
        assert_eq!(recent.of(0), PER_SERVER * recent.length());
        for _ in 0..PER_SERVER {
            recent.chosen(1);
        }
        assert_eq!(recent.of(0), PER_SERVER * recent.length() / 2);
        assert!(recent.of(1) > 2 * recent.of(0));
        for _ in 0..3 * PER_SERVER {
            recent.chosen(1);
        }
        assert_eq!(recent.of(0), 0);
    }
}
