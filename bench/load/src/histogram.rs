//! Latencies, kept with a precision of one in 64 and in constant memory: in a run of millions of requests each
//! costs one increment.

use std::time::Duration;

/// The number of steps of each power of two. Values up to twice this are exact.
const STEPS: u64 = 64;

/// Counts of durations in nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: Duration,
}

impl Histogram {
    pub fn record(&mut self, value: Duration) {
        let index = index(u64::try_from(value.as_nanos()).unwrap_or(u64::MAX));
        if self.counts.len() <= index {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += 1;
        self.total += 1;
        self.max = self.max.max(value);
    }

    pub fn count(&self) -> u64 {
        self.total
    }

    /// Returns the largest value; exact, unlike the quantiles.
    pub fn max(&self) -> Duration {
        self.max
    }

    /// Returns how many values are larger than this, give or take those of one step.
    pub fn above(&self, limit: Duration) -> u64 {
        let index = index(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
        self.counts.iter().skip(index + 1).sum()
    }

    /// Returns the value that a `share` (0 to 1) of all values does not exceed, at most one step too high; zero if
    /// there are none.
    pub fn quantile(&self, share: f64) -> Duration {
        let rank = ((share * self.total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_nanos(upper(index)).min(self.max);
            }
        }
        self.max
    }
}

/// Returns the slot of a value. Values below `2 * STEPS` have a slot each; the others one for their power of two
/// and its six highest bits.
fn index(value: u64) -> usize {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub((2 * STEPS).trailing_zeros());
    (u64::from(shift) * STEPS + (value >> shift)) as usize
}

/// Returns the largest value of a slot.
fn upper(index: usize) -> u64 {
    let index = index as u64;
    let shift = (index / STEPS).saturating_sub(1);
    let step = index - shift * STEPS;
    ((step + 1) << shift).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_above_a_limit_are_counted() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.above(Duration::ZERO), 0);
        [1, 9, 11, 500].into_iter().for_each(|millis| histogram.record(Duration::from_millis(millis)));
        let above = [0, 10, 100, 1000].map(|millis| histogram.above(Duration::from_millis(millis)));
        assert_eq!(above, [4, 2, 1, 0]);
    }

    #[test]
    fn each_value_is_in_a_slot_not_much_wider_than_needed() {
        for value in (0..5000).chain((12..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])) {
            let top = upper(index(value));
            assert!(top >= value && top - value <= value / STEPS, "{value} in the slot up to {top}");
        }
        assert_eq!(upper(index(u64::MAX)), u64::MAX);
        assert!((1..100_000).all(|value| (0..=1).contains(&(index(value) - index(value - 1)))));
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), Duration::ZERO);
        for micros in 1..=1000 {
            histogram.record(Duration::from_micros(micros));
        }
        for (share, micros) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0), (1.0, 1000.0)] {
            let found = histogram.quantile(share).as_secs_f64() * 1e6;
            assert!((micros..=micros * 1.02).contains(&found), "{share}: {found}");
        }
        assert_eq!((histogram.count(), histogram.max()), (1000, Duration::from_millis(1)));
    }
}
