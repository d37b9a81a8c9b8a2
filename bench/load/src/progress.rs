//! A counter one thread can wait on while others count: how a test acts in the middle of a transfer without sleeping.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Nobody waits for anything.
const NOBODY: u64 = u64::MAX;

/// Bytes moved so far (or connections, where it says so). Counting costs one atomic add and one load while nobody waits.
#[derive(Debug)]
pub struct Progress {
    count: AtomicU64,
    /// The smallest count anybody waits for. Written under the lock, read without it.
    wanted: AtomicU64,
    ended: AtomicBool,
    lock: Mutex<()>,
    reached: Condvar,
}

/// The count was not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    #[error("only {count} when the time was over")]
    TimedOut { count: u64 },
    #[error("only {count} when the run ended")]
    Ended { count: u64 },
}

impl Progress {
    pub fn new() -> Self {
        Self {
            count: AtomicU64::new(0),
            wanted: AtomicU64::new(NOBODY),
            ended: AtomicBool::new(false),
            lock: Mutex::new(()),
            reached: Condvar::new(),
        }
    }

    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// Blocks until the count is at least `count` and returns what it is then; gives up after `patience` or when the run
    /// ends short of it.
    pub fn wait_for(&self, count: u64, patience: Duration) -> Result<u64, WaitError> {
        let give_up = Instant::now() + patience;
        let mut guard = self.guard();
        loop {
            // First say what is wanted, then look: the counter counts first and looks then, and with sequential
            // consistency one of the two sees the other.
            self.wanted.fetch_min(count, Ordering::SeqCst);
            let now = self.count();
            if now >= count {
                return Ok(now);
            }
            if self.ended.load(Ordering::SeqCst) {
                return Err(WaitError::Ended { count: now });
            }
            let left = give_up.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(WaitError::TimedOut { count: now });
            }
            guard = self.reached.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(crate) fn add(&self, count: u64) {
        let now = self.count.fetch_add(count, Ordering::SeqCst).wrapping_add(count);
        if now >= self.wanted.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        let _guard = self.guard();
        // Whoever is not satisfied yet puts its wish back when it wakes.
        self.wanted.store(NOBODY, Ordering::SeqCst);
        self.reached.notify_all();
    }

    fn guard(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn waiters_wake_at_their_own_counts() {
        let progress = Progress::new();
        thread::scope(|scope| {
            let waiters: Vec<_> = [1, 500, 1000]
                .map(|n| {
                    scope.spawn({
                        let progress = &progress;
                        move || progress.wait_for(n, LONG).map(|got| got >= n)
                    })
                })
                .into();
            for _ in 0..1000 {
                progress.add(1);
            }
            for waiter in waiters {
                assert_eq!(waiter.join().expect("no panic"), Ok(true));
            }
        });
    }

    #[test]
    fn the_end_and_the_deadline_wake_too() {
        let progress = Progress::new();
        progress.add(3);
        assert_eq!(progress.wait_for(4, Duration::from_millis(1)), Err(WaitError::TimedOut { count: 3 }));
        thread::scope(|scope| {
            let waiter = scope.spawn(|| progress.wait_for(4, LONG));
            progress.end();
            assert_eq!(waiter.join().expect("no panic"), Err(WaitError::Ended { count: 3 }));
        });
    }
}
