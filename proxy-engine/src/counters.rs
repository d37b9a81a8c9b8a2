//! What a worker counts.
//!
//! Each worker writes its own, so that nothing is shared per connection; readers add them up.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// One worker's counters, on cache lines of their own: two of x86-64, since its prefetcher fetches pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct WorkerCounters {
    /// Connections that it has or is about to get. The dispatcher adds, the worker takes away.
    pub(crate) load: AtomicUsize,
    sessions: AtomicU64,
    failed_connects: AtomicU64,
    bytes_to_server: AtomicU64,
    bytes_to_client: AtomicU64,
    accept_errors: AtomicU64,
}

/// Counters of one worker, or of all of them, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections at this moment.
    pub connections: usize,
    /// Sessions that have ended.
    pub sessions: u64,
    /// Of these, those whose server could not be reached.
    pub failed_connects: u64,
    /// Bytes from clients.
    pub bytes_to_server: u64,
    /// Bytes from servers.
    pub bytes_to_client: u64,
    /// Connections that were lost before they could be accepted.
    pub accept_errors: u64,
}

impl WorkerCounters {
    pub(crate) fn session_ended(&self, reached: bool, to_server: u64, to_client: u64) {
        // Relaxed, and not even read-modify-write: this thread alone writes.
        let add = |counter: &AtomicU64, more| {
            counter.store(counter.load(Ordering::Relaxed) + more, Ordering::Relaxed);
        };
        add(&self.sessions, 1);
        add(&self.failed_connects, u64::from(!reached));
        add(&self.bytes_to_server, to_server);
        add(&self.bytes_to_client, to_client);
    }

    pub(crate) fn accept_error(&self) {
        self.accept_errors.store(self.accept_errors.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> Counters {
        Counters {
            connections: self.load.load(Ordering::Relaxed),
            sessions: self.sessions.load(Ordering::Relaxed),
            failed_connects: self.failed_connects.load(Ordering::Relaxed),
            bytes_to_server: self.bytes_to_server.load(Ordering::Relaxed),
            bytes_to_client: self.bytes_to_client.load(Ordering::Relaxed),
            accept_errors: self.accept_errors.load(Ordering::Relaxed),
        }
    }
}
