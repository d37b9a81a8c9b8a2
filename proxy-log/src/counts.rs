//! What happened to the lines: exact counts, for each destination and in total.
//!
//! Every line for a destination ends in one of four counters. `refused` is not a fifth: UDP reports such a line
//! only after it was counted as sent.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::target::Destination;

/// The number of lines by what happened to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed to the system.
    pub sent: u64,
    /// Lost before they reached the sink: its queue was full, or it had ended.
    pub unqueued: u64,
    /// Lost because the destination took nothing, or only a part, at that moment.
    pub not_taken: u64,
    /// Lost to an error.
    pub failed: u64,
    /// Sent, and then reported as refused by the destination (`ECONNREFUSED` from UDP).
    pub refused: u64,
}

impl Counts {
    /// Returns the number of lines known to have been lost on this machine.
    pub fn lost(&self) -> u64 {
        self.unqueued + self.not_taken + self.failed
    }
}

/// The atomic counters from which [`Counts`] are read.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) sent: AtomicU64,
    pub(crate) unqueued: AtomicU64,
    pub(crate) not_taken: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) refused: AtomicU64,
}

impl Tally {
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            sent: read(&self.sent),
            unqueued: read(&self.unqueued),
            not_taken: read(&self.not_taken),
            failed: read(&self.failed),
            refused: read(&self.refused),
        }
    }
}

/// Adds one to a counter.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// A report of lost lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The destination of the lost lines.
    pub destination: Destination,
    /// The number of lines lost since the last notice about this destination, `refused` ones included.
    pub lines: u64,
    /// The totals of this destination so far.
    pub counts: Counts,
    /// The last error, if there was one.
    pub error: Option<String>,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Notice { destination, lines, counts, error } = self;
        write!(f, "{lines} log lines for {destination} were lost")?;
        if let Some(error) = error {
            write!(f, " ({error})")?;
        }
        let Counts { unqueued, not_taken, failed, refused, .. } = counts;
        write!(
            f,
            "; in total {unqueued} to a full queue, {not_taken} not taken, {failed} to errors, {refused} refused"
        )
    }
}
