//! A worker that has ended by a panic: the others are told by nobody else, and half a process must not go on as if it were
//! a whole one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether a worker has ended by a panic, for whoever waits for the end.
#[derive(Debug, Default)]
pub(crate) struct WorkerFailure {
    has_failed: AtomicBool,
    noticed: Notify,
}

/// Held by a worker's thread for as long as it runs.
#[derive(Debug)]
pub(crate) struct Watched(pub(crate) Arc<WorkerFailure>);

impl WorkerFailure {
    /// Whether a worker has.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    /// Waits until one has.
    pub(crate) async fn failed(&self) {
        while !self.has_failed() {
            self.noticed.notified().await;
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.has_failed.store(true, Ordering::Release);
            // Stays until somebody waits.
            self.0.noticed.notify_one();
        }
    }
}
