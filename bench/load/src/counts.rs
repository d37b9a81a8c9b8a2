//! The counts of an origin, shared by all its threads.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::progress::Progress;

/// The counts of an origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OriginCounts {
    pub accepted: u64,
    /// Those of `accepted` that were MPTCP when they were accepted.
    pub mptcp: u64,
    /// Connections that made a request, were served or failed, and are closed.
    pub finished: u64,
    /// Closed by the client before the first byte, as health checks do; neither finished nor failed.
    pub silent: u64,
    /// Ended against the protocol: reset, silent for too long, not a request. Clients that give up count here.
    pub failed: u64,
    /// Uploads with wrong bytes, and invalid requests.
    pub mismatched: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) accepted: AtomicU64,
    pub(crate) mptcp: AtomicU64,
    pub(crate) silent: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) mismatched: AtomicU64,
}

impl Counters {
    pub(crate) fn one(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::SeqCst);
    }

    /// Returns the counts. `finished` is an argument, because it can be waited on.
    pub(crate) fn counts(&self, finished: &Progress) -> OriginCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        OriginCounts {
            accepted: read(&self.accepted),
            mptcp: read(&self.mptcp),
            finished: finished.count(),
            silent: read(&self.silent),
            failed: read(&self.failed),
            mismatched: read(&self.mismatched),
        }
    }
}
