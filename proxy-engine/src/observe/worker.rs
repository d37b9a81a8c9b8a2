//! The counters of a worker.
//!
//! Each worker writes its own, so that nothing is shared per connection; readers add them up.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};

use super::observer::Observer;
use super::tally::{Tallies, Tally};

/// One worker's counters, on cache lines of their own: two of x86-64, since its prefetcher fetches pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct WorkerCounters {
    /// The connections that it has or is about to get. Incremented by the thread that accepts, decremented by the
    /// worker.
    load: AtomicUsize,
    sessions: AtomicU64,
    failed_connects: AtomicU64,
    bytes_to_server: AtomicU64,
    bytes_to_client: AtomicU64,
    accept_errors: AtomicU64,
}

/// The counters of one worker, or the sums of all workers, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Current connections.
    pub connections: usize,
    /// Sessions and exchanges that have ended.
    pub sessions: u64,
    /// The number of these whose server could not be reached.
    pub failed_connects: u64,
    /// Bytes from clients.
    pub bytes_to_server: u64,
    /// Bytes from servers.
    pub bytes_to_client: u64,
    /// Connections that were lost before they could be accepted.
    pub accept_errors: u64,
}

impl WorkerCounters {
    /// Returns the number of connections that it has or is about to get.
    pub(crate) fn load(&self) -> usize {
        self.load.load(Relaxed)
    }

    pub(crate) fn session_ended(&self, reached: bool, to_server: u64, to_client: u64) {
        add(&self.sessions, 1);
        add(&self.failed_connects, u64::from(!reached));
        add(&self.bytes_to_server, to_server);
        add(&self.bytes_to_client, to_client);
    }

    pub(crate) fn accept_error(&self) {
        add(&self.accept_errors, 1);
    }

    pub(crate) fn snapshot(&self) -> Counters {
        Counters {
            connections: self.load(),
            sessions: self.sessions.load(Relaxed),
            failed_connects: self.failed_connects.load(Relaxed),
            bytes_to_server: self.bytes_to_server.load(Relaxed),
            bytes_to_client: self.bytes_to_client.load(Relaxed),
            accept_errors: self.accept_errors.load(Relaxed),
        }
    }
}

/// Adds without read-modify-write, and relaxed: only the worker itself writes its counters.
fn add(counter: &AtomicU64, more: u64) {
    counter.store(counter.load(Relaxed) + more, Relaxed);
}

/// A connection in the load of a worker, until this value is dropped.
#[derive(Debug)]
pub(crate) struct Load(Arc<WorkerCounters>);

impl Load {
    pub(crate) fn on(counters: &Arc<WorkerCounters>) -> Load {
        counters.load.fetch_add(1, Relaxed);
        Load(Arc::clone(counters))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.load.fetch_sub(1, Relaxed);
    }
}

/// What the meters of a worker share: its counters, those of all workers, and the receivers of records.
pub(crate) struct WorkerView {
    index: usize,
    pub(crate) counters: Arc<WorkerCounters>,
    all: Arc<[Arc<WorkerCounters>]>,
    pub(crate) observer: Arc<dyn Observer>,
}

impl WorkerView {
    /// Makes the view of one of the workers.
    pub(crate) fn new(
        index: usize,
        all: Arc<[Arc<WorkerCounters>]>,
        observer: Arc<dyn Observer>,
    ) -> WorkerView {
        WorkerView { index, counters: Arc::clone(&all[index]), all, observer }
    }

    /// Returns the worker's own counters of an object.
    pub(crate) fn tally<'t>(&self, tallies: &'t Tallies) -> Option<&'t Tally> {
        tallies.of(self.index, self.all.len())
    }

    /// Returns the number of connections of the process.
    pub(crate) fn connections(&self) -> usize {
        self.all.iter().map(|counters| counters.load()).sum()
    }
}

impl fmt::Debug for WorkerView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerView").field("counters", &self.counters).finish_non_exhaustive()
    }
}
