//! How many events there are in a second. The totals are sampled once a second, so that an event costs nothing.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

/// The rate of one kind of events. All methods are given the total number of events so far.
#[derive(Debug, Default)]
pub struct Rate {
    /// The total at the last sample.
    seen: AtomicU64,
    /// The number of events in the second before the last sample.
    last_second: AtomicU64,
    peak: AtomicU64,
}

impl Rate {
    /// Returns the number of events in the last full second, or in the current one if there have been more.
    pub fn now(&self, total: u64) -> u64 {
        self.last_second.load(Relaxed).max(self.since_sample(total))
    }

    /// Returns the highest number of events in a second since the last reset.
    pub fn peak(&self, total: u64) -> u64 {
        self.peak.load(Relaxed).max(self.since_sample(total))
    }

    fn since_sample(&self, total: u64) -> u64 {
        total.saturating_sub(self.seen.load(Relaxed))
    }

    /// Ends a second. Returns the number of events in it.
    fn sample(&self, total: u64) -> u64 {
        let events = self.since_sample(total);
        // Most objects are idle: their cache lines stay shared.
        if events > 0 || self.last_second.load(Relaxed) > 0 {
            self.seen.store(total, Relaxed);
            self.last_second.store(events, Relaxed);
            self.peak.fetch_max(events, Relaxed);
        }
        events
    }

    fn reset_peak(&self) {
        self.peak.store(0, Relaxed);
    }
}

/// The rates of a frontend, a server or a backend.
#[derive(Debug, Default)]
pub struct Rates {
    /// Of connections of a frontend; of sessions and exchanges of a server or backend.
    pub sessions: Rate,
    /// Of exchanges of HTTP.
    pub requests: Rate,
    /// The second since 1970 in which the last session arrived; 0 if there was none.
    last: AtomicU64,
}

impl Rates {
    /// Returns the number of seconds since the last session arrived, or `None` if there was none.
    pub fn since_last(&self, sessions: u64) -> Option<u64> {
        if self.sessions.since_sample(sessions) > 0 {
            return Some(0);
        }
        let last = Some(self.last.load(Relaxed)).filter(|last| *last > 0)?;
        Some(second().saturating_sub(last))
    }

    /// Ends a second.
    pub(crate) fn sample(&self, sessions: u64, requests: u64) {
        if self.sessions.sample(sessions) > 0 {
            self.last.store(second(), Relaxed);
        }
        self.requests.sample(requests);
    }

    /// Resets the highest rates.
    pub(crate) fn reset_peaks(&self) {
        self.sessions.reset_peak();
        self.requests.reset_peak();
    }
}

/// Returns the current second since 1970.
fn second() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_known_at_once_and_forgotten_after_a_second() {
        let rate = Rate::default();
        assert_eq!((rate.now(3), rate.peak(3)), (3, 3));
        rate.sample(3);
        assert_eq!((rate.now(3), rate.peak(3)), (3, 3));
        rate.sample(4);
        assert_eq!((rate.now(4), rate.now(9), rate.peak(9), rate.peak(4)), (1, 5, 5, 3));
        rate.sample(4);
        assert_eq!((rate.now(4), rate.peak(4)), (0, 3));
        rate.reset_peak();
        assert_eq!(rate.peak(4), 0);
    }

    #[test]
    fn the_last_session_is_remembered() {
        let rates = Rates::default();
        assert_eq!((rates.since_last(0), rates.since_last(1)), (None, Some(0)));
        rates.sample(1, 0);
        rates.last.fetch_sub(10, Relaxed);
        assert!(rates.since_last(1).is_some_and(|since| (10..20).contains(&since)));
    }
}
