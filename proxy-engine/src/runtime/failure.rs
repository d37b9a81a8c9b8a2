//! A worker that has panicked: nothing else notifies the others, and a process without all of its workers must not
//! continue as if it were complete.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, watch};

use crate::listener::Phase;

/// Whether a worker has panicked, for the task that waits for the end of the engine.
#[derive(Debug, Default)]
pub(crate) struct WorkerFailure {
    has_failed: AtomicBool,
    noticed: Notify,
}

/// A guard that a worker's thread holds while it runs.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) failure: Arc<WorkerFailure>,
    /// Held until the failure is recorded: when the last of these is dropped, the engine counts as ended.
    pub(crate) _phase: watch::Receiver<Phase>,
}

impl WorkerFailure {
    /// Returns whether a worker has panicked.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    /// Waits until a worker has panicked.
    pub(crate) async fn failed(&self) {
        while !self.has_failed() {
            self.noticed.notified().await;
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.failure.has_failed.store(true, Ordering::Release);
            // The permit stays until a task waits.
            self.failure.noticed.notify_one();
        }
    }
}
