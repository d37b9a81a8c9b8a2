//! The number of idle connections to a server that each worker has, so that one without any knows which one to ask.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The counts of all workers. They are allocated with the first idle connection.
#[derive(Debug, Default)]
pub(crate) struct IdleCounts(OnceLock<Box<[IdleCount]>>);

/// The count of one worker, on cache lines of its own: that worker alone writes it, on each use of the pool.
#[derive(Debug, Default)]
#[repr(align(128))]
struct IdleCount(AtomicU32);

impl IdleCounts {
    /// Returns the number of idle connections of all workers.
    pub(crate) fn total(&self) -> usize {
        self.0.get().map_or(0, |all| all.iter().map(|count| count.0.load(Relaxed) as usize).sum())
    }

    /// Returns the number of idle connections of one worker.
    pub(crate) fn of(&self, worker: usize) -> usize {
        self.0.get().and_then(|all| all.get(worker)).map_or(0, |count| count.0.load(Relaxed) as usize)
    }

    /// Changes the count of one of `workers` workers.
    pub(crate) fn changed(&self, worker: usize, workers: usize, by: isize) {
        let all = self.0.get_or_init(|| (0..workers).map(|_| IdleCount::default()).collect());
        if let Some(IdleCount(count)) = all.get(worker) {
            // No other worker writes this count.
            let now = (count.load(Relaxed) as usize).saturating_add_signed(by);
            count.store(u32::try_from(now).unwrap_or(u32::MAX), Relaxed);
        }
    }
}
