//! How many idle connections to a server each worker has, so that one without knows whom to ask.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A number for each worker; there are none to look at until there was an idle connection.
#[derive(Debug, Default)]
pub(crate) struct IdleCounts(OnceLock<Box<[IdleCount]>>);

/// One worker's, on cache lines of its own: it alone writes it, on each request that uses the pool.
#[derive(Debug, Default)]
#[repr(align(128))]
struct IdleCount(AtomicU32);

impl IdleCounts {
    /// Those of all workers.
    pub(crate) fn total(&self) -> usize {
        self.0.get().map_or(0, |all| all.iter().map(|count| count.0.load(Relaxed) as usize).sum())
    }

    /// Those of one.
    pub(crate) fn of(&self, worker: usize) -> usize {
        self.0.get().and_then(|all| all.get(worker)).map_or(0, |count| count.0.load(Relaxed) as usize)
    }

    /// A worker, of so many, has more or fewer of them.
    pub(crate) fn changed(&self, worker: usize, workers: usize, by: isize) {
        let all = self.0.get_or_init(|| (0..workers).map(|_| IdleCount::default()).collect());
        if let Some(IdleCount(count)) = all.get(worker) {
            // This worker alone writes.
            let now = (count.load(Relaxed) as usize).saturating_add_signed(by);
            count.store(u32::try_from(now).unwrap_or(u32::MAX), Relaxed);
        }
    }
}
