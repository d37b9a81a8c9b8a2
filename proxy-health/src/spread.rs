//! The variation of intervals, so that checks do not all run at the same moment.
//!
//! Randomness is passed as a number of 32 bits, of which all values are equally probable.

use std::time::Duration;

/// How much intervals vary (`spread-checks`), and how soon all checks have begun (`max-spread-checks`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// By how much an interval varies in both directions, in percent: at most 50.
    pub percent: u8,
    /// The longest time until the first check.
    pub most: Option<Duration>,
}

/// The place of a check among all of the program, for its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// The place, from 0.
    pub position: u32,
    /// The number of checks.
    pub count: u32,
    /// The shortest interval of all checks whose interval is at least [`Spread::UNHURRIED`]; 0 without any.
    pub shortest: Duration,
}

impl Spread {
    /// The shortest interval that influences when other checks begin.
    pub const UNHURRIED: Duration = Duration::from_secs(1);

    /// Returns an interval, lengthened or shortened at random.
    pub fn vary(&self, interval: Duration, random: u32) -> Duration {
        let most = milliseconds(interval) * i64::from(self.percent.min(50)) / 100;
        // From `most` down to `-most`.
        let off = most
            - i64::try_from(2 * i128::from(most) * i128::from(random) / i128::from(u32::MAX)).unwrap_or(0);
        duration(milliseconds(interval) + off)
    }

    /// Returns how long after the start a check with this interval begins: the checks of the program begin one after
    /// the other, at equal distances.
    pub fn first(&self, interval: Duration, place: First, random: u32) -> Duration {
        let longer = place.shortest.max(interval);
        let off = milliseconds(self.vary(interval, random)) - milliseconds(interval);
        let varied = duration(milliseconds(longer) + off);
        let varied = self.most.map_or(varied, |most| varied.min(most));
        let count = i64::from(place.count.max(1));
        duration(milliseconds(varied) * i64::from(place.position) / count)
    }
}

/// The most milliseconds that are calculated with; more than 24 days.
const LONGEST: i64 = i32::MAX as i64;

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(LONGEST).min(LONGEST)
}

fn duration(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_interval_varies_in_both_directions() {
        let spread = Spread { percent: 10, most: None };
        for (random, milliseconds) in [(0, 2200), (u32::MAX / 2, 2001), (u32::MAX, 1800)] {
            assert_eq!(spread.vary(2 * SECOND, random), Duration::from_millis(milliseconds), "{random}");
        }
        assert_eq!(Spread::default().vary(2 * SECOND, 0), 2 * SECOND);
    }

    #[test]
    fn checks_begin_one_after_the_other() {
        let place = |position| First { position, count: 4, shortest: 2 * SECOND };
        let begin =
            |spread: Spread, position| spread.first(2 * SECOND, place(position), u32::MAX / 2).as_millis();
        let spread = Spread::default();
        assert_eq!([0, 1, 2, 3].map(|position| begin(spread, position)), [0, 500, 1000, 1500]);
        let soon = Spread { most: Some(SECOND), ..spread };
        assert_eq!([0, 1, 2, 3].map(|position| begin(soon, position)), [0, 250, 500, 750]);
        // A longer interval of its own counts.
        assert_eq!(spread.first(8 * SECOND, place(1), 0), 2 * SECOND);
    }

    proptest! {
        #[test]
        fn no_interval_leaves_its_range(interval in 0_u64..=u64::MAX, percent: u8, random: u32, position: u32, count: u32) {
            let interval = Duration::from_millis(interval);
            let spread = Spread { percent, most: None };
            let longest = milliseconds(interval);
            let varied = milliseconds(spread.vary(interval, random));
            prop_assert!((longest / 2..=longest + longest / 2 + 1).contains(&varied));
            let place = First { position, count, shortest: Duration::ZERO };
            let _ = spread.first(interval, place, random);
        }
    }
}
