//! A counter on which one thread can wait while others count, so that a test can act in the middle of a transfer
//! without sleeping.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The value of `wanted` while no thread waits.
const NOBODY: u64 = u64::MAX;

/// The number of bytes moved so far (or of connections, where documented). Counting costs one atomic add and one
/// load while no thread waits.
#[derive(Debug)]
pub struct Progress {
    count: AtomicU64,
    /// The smallest count that a thread waits for. Written under the lock, read without it.
    wanted: AtomicU64,
    ended: AtomicBool,
    lock: Mutex<()>,
    reached: Condvar,
}

/// The error of a count that was not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    #[error("only {count} when the timeout expired")]
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

    /// Blocks until the count is at least `count`, and returns the count; gives up after `patience` or when the run
    /// ends before.
    pub fn wait_for(&self, count: u64, patience: Duration) -> Result<u64, WaitError> {
        let give_up = Instant::now() + patience;
        let mut guard = self.guard();
        loop {
            // Store the wish first, then check: the counting thread counts first and checks then, and with
            // sequential consistency one of the two sees the other.
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
        // A thread that needs more stores its wish again when it wakes.
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
