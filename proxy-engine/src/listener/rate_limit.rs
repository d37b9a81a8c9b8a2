//! Limits of events in a second: connections and sessions of the process, sessions of a frontend. While one is reached
//! no connection is accepted, and clients wait in the kernel's queue.
//!
//! As in HAProxy the events of the last second are estimated: all of the current second, and of the one before the share
//! that has not passed yet. Workers that accept at the same moment may exceed a limit by one each.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::observe::Signal;

/// The time in which events are counted.
const PERIOD: Duration = Duration::from_secs(1);
/// The shortest wait.
const SHORTEST: Duration = Duration::from_millis(1);

/// A limit of events in a second.
#[derive(Debug)]
pub(crate) struct RateLimit {
    /// 0 for no limit.
    most: AtomicU32,
    /// The events. They are counted only while there is a limit.
    events: Mutex<Events>,
    /// Raised when the limit has changed.
    changed: Signal,
}

/// The events of two seconds.
#[derive(Clone, Copy, Debug)]
struct Events {
    /// When the current second began.
    began: Instant,
    current: u32,
    before: u32,
}

impl RateLimit {
    /// Creates a limit; 0 for none.
    pub(crate) fn new(most: u32) -> Arc<RateLimit> {
        let events = Events { began: Instant::now(), current: 0, before: 0 };
        Arc::new(RateLimit {
            most: AtomicU32::new(most),
            events: Mutex::new(events),
            changed: Signal::default(),
        })
    }

    /// Returns the limit; 0 for none.
    pub(crate) fn most(&self) -> u32 {
        self.most.load(SeqCst)
    }

    /// Changes the limit; 0 for none.
    pub(crate) fn set(&self, most: u32) {
        self.most.store(most, SeqCst);
        self.changed.raise();
    }

    /// Counts an event.
    pub(crate) fn count(&self) {
        if self.most() > 0 {
            self.events(Instant::now()).current += 1;
        }
    }

    /// Takes back the count of an event that was none.
    pub(crate) fn discount(&self) {
        if self.most() > 0 {
            let mut events = self.events(Instant::now());
            events.current = events.current.saturating_sub(1);
        }
    }

    /// Returns how long the limit still forbids another event, if it does.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let most = Some(self.most()).filter(|most| *most > 0)?;
        let now = Instant::now();
        self.events(now).wait(most, now)
    }

    /// Waits until another event may be allowed.
    pub(crate) async fn available(&self) {
        if let Some(wait) = self.wait() {
            let most = self.most();
            let _ = timeout(wait, self.changed.wait_unless(|| self.most() != most)).await;
        }
    }

    fn events(&self, now: Instant) -> MutexGuard<'_, Events> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.pass_to(now);
        events
    }
}

impl Events {
    /// Begins another second if the current one is over.
    fn pass_to(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.began).as_secs();
        if passed > 0 {
            let before = if passed == 1 { self.current } else { 0 };
            *self = Events { began: self.began + Duration::from_secs(passed), current: 0, before };
        }
    }

    /// Returns how long there may be no other event with this limit.
    fn wait(&self, most: u32, now: Instant) -> Option<Duration> {
        let left = PERIOD.saturating_sub(now.saturating_duration_since(self.began));
        let Some(free) = most.checked_sub(self.current).filter(|free| *free > 0) else {
            return Some(left.max(SHORTEST));
        };
        // Of the second before, as much counts as does not fit into the limit any more.
        let share = |left: Duration| f64::from(self.before) * left.as_secs_f64();
        if share(left) < f64::from(free) {
            return None;
        }
        let enough = Duration::from_secs_f64(f64::from(free) / f64::from(self.before));
        Some(left.saturating_sub(enough).max(SHORTEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(current: u32, before: u32) -> Events {
        Events { began: Instant::now(), current, before }
    }

    #[test]
    fn a_limit_holds_over_any_second() {
        for (current, before, passed, wait) in [
            (0, 0, 0, None),
            (9, 0, 0, None),
            (10, 0, 0, Some(1000)),
            (10, 0, 400, Some(600)),
            (0, 10, 0, Some(1)),
            (0, 10, 100, None),
            (5, 10, 0, Some(500)),
            (5, 10, 499, Some(1)),
            (5, 10, 501, None),
            (20, 20, 999, Some(1)),
        ] {
            let events = events(current, before);
            let found = events.wait(10, events.began + Duration::from_millis(passed));
            assert_eq!(found.map(|wait| wait.as_millis()), wait, "{current} {before} {passed}");
        }
    }

    #[test]
    fn a_second_passes() {
        let mut events = events(3, 2);
        let began = events.began;
        events.pass_to(began + Duration::from_millis(1500));
        assert_eq!((events.current, events.before), (0, 3));
        assert_eq!(events.began, began + Duration::from_secs(1));
        events.current = 4;
        events.pass_to(began + Duration::from_secs(3));
        assert_eq!((events.current, events.before), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn events_are_spread_by_the_limit() {
        let limit = RateLimit::new(10);
        let began = Instant::now();
        for _ in 0..45 {
            while limit.wait().is_some() {
                limit.available().await;
            }
            limit.count();
        }
        let passed = began.elapsed();
        assert!((3500..5000).contains(&passed.as_millis()), "{passed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn another_limit_ends_a_wait() {
        let limit = RateLimit::new(1);
        limit.count();
        assert!(limit.wait().is_some());
        limit.set(0);
        assert_eq!((limit.wait(), limit.most()), (None, 0));
        limit.available().await;
    }
}
