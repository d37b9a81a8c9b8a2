//! The time from one check to the next.

use std::time::Duration;

use crate::state::{ServerCondition, Tally};

/// The intervals of the checks of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// The interval while the server is healthy (`inter`).
    pub normal: Duration,
    /// The interval while its health changes (`fastinter`); without it the normal one.
    pub fast: Option<Duration>,
    /// The interval while it is down (`downinter`); without it the normal one.
    pub down: Option<Duration>,
}

impl Intervals {
    /// The default interval.
    pub const DEFAULT: Duration = Duration::from_secs(2);

    /// Returns the interval until the next check. `hurry` is whether observed errors have asked for the fast one.
    pub fn next(&self, tally: &Tally, condition: ServerCondition, hurry: bool) -> Duration {
        if tally.is_full() && !hurry {
            return self.normal;
        }
        if condition == ServerCondition::Stopped && tally.is_empty() {
            return self.down.unwrap_or(self.normal);
        }
        self.fast.unwrap_or(self.normal)
    }
}

impl Default for Intervals {
    fn default() -> Intervals {
        Intervals { normal: Intervals::DEFAULT, fast: None, down: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_interval_follows_the_health() {
        let intervals = Intervals { normal: 10 * SECOND, fast: Some(SECOND), down: Some(30 * SECOND) };
        let (running, stopped) = (ServerCondition::Running, ServerCondition::Stopped);
        let mut tally = Tally::new(2, 3);
        assert_eq!(intervals.next(&tally, running, false), SECOND, "one failure stops it");
        tally.pass();
        assert_eq!(intervals.next(&tally, running, false), 10 * SECOND);
        assert_eq!(intervals.next(&tally, running, true), SECOND, "errors were observed");
        tally.fail();
        assert_eq!(intervals.next(&tally, running, false), SECOND);
        for _ in 0..3 {
            tally.fail();
        }
        assert_eq!(intervals.next(&tally, stopped, false), 30 * SECOND);
        tally.pass();
        assert_eq!(intervals.next(&tally, stopped, false), SECOND, "it may come up soon");
    }

    #[test]
    fn without_others_it_is_always_the_normal_one() {
        let intervals = Intervals::default();
        let mut tally = Tally::new(1, 1);
        for condition in [ServerCondition::Running, ServerCondition::Stopped] {
            assert_eq!(intervals.next(&tally, condition, true), 2 * SECOND);
            tally.fail();
        }
    }
}
