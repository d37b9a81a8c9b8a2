//! What became of the lines: counted exactly, for each destination and for all together.
//!
//! Every line that is meant for a destination ends in one of four numbers. `refused` is no fifth: UDP learns of such a
//! line only after it counted as sent.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::target::Destination;

/// What became of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Given to the system.
    pub sent: u64,
    /// Lost before the sink got them: its queue was full, or it had ended.
    pub unqueued: u64,
    /// Lost since the destination took nothing, or not all of it, at that moment.
    pub not_taken: u64,
    /// Lost to an error.
    pub failed: u64,
    /// Sent, and then said to have met nobody (`ECONNREFUSED` from UDP).
    pub refused: u64,
}

impl Counts {
    /// Lines that are known to have been lost on this machine.
    pub fn lost(&self) -> u64 {
        self.unqueued + self.not_taken + self.failed
    }
}

/// The counters behind [`Counts`].
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

/// One more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Lines were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Where they should have gone.
    pub destination: Destination,
    /// How many since the last notice about this destination, `refused` ones included.
    pub lines: u64,
    /// All that became of lines there so far.
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
            "; in all {unqueued} to a full queue, {not_taken} not taken, {failed} to errors, {refused} refused"
        )
    }
}
