//! The queue to the sink, bounded in lines and in bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::SystemTime;

use crate::counts::count;
use crate::entry::{Entry, Text};
use crate::outlet::Outlet;
use crate::words::Level;

/// The state shared by all ends of the queue.
#[derive(Debug)]
pub(crate) struct Shared {
    max_bytes: usize,
    bytes: AtomicUsize,
    /// Lines that were queued and are not yet sent or lost.
    pub(crate) waiting: AtomicUsize,
    /// Lines lost, for all destinations together.
    pub(crate) lost: AtomicU64,
    /// Whether no more lines are taken.
    pub(crate) closed: AtomicBool,
    /// Whether the lines that still wait are dropped.
    pub(crate) abandoned: AtomicBool,
}

impl Shared {
    pub(crate) fn new(max_bytes: usize) -> Shared {
        Shared {
            max_bytes,
            bytes: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
        }
    }

    /// Counts a line that does not reach the sink.
    pub(crate) fn lose(&self, outlet: &Outlet) {
        count(&outlet.tally.unqueued);
        count(&self.lost);
    }
}

/// A line for one target. A job that is dropped before it was delivered counts as lost, so the numbers are exact
/// even for what is in the queue when the sink ends.
#[derive(Debug)]
pub(crate) struct Job {
    shared: Arc<Shared>,
    cost: usize,
    done: bool,
    pub(crate) entry: Arc<Entry>,
    pub(crate) level: Level,
    pub(crate) moment: SystemTime,
    pub(crate) text: Arc<Text>,
}

impl Job {
    /// Returns a job if there is room for its bytes; if not, counts the line as lost.
    pub(crate) fn reserve(
        shared: &Arc<Shared>,
        entry: &Arc<Entry>,
        level: Level,
        moment: SystemTime,
        text: &Arc<Text>,
    ) -> Option<Job> {
        // The text is counted for each of its targets, though they share it: this is an upper bound.
        let cost = size_of::<Job>() + size_of::<Text>() + text.message.len() + text.structured.len();
        let before = shared.bytes.fetch_add(cost, Ordering::Relaxed);
        if before.saturating_add(cost) > shared.max_bytes || shared.closed.load(Ordering::Relaxed) {
            shared.bytes.fetch_sub(cost, Ordering::Relaxed);
            shared.lose(&entry.outlet);
            return None;
        }
        shared.waiting.fetch_add(1, Ordering::Relaxed);
        let (shared, entry, text) = (Arc::clone(shared), Arc::clone(entry), Arc::clone(text));
        Some(Job { shared, cost, done: false, entry, level, moment, text })
    }

    /// Formats the line into `buffer` and sends it.
    pub(crate) fn deliver(mut self, buffer: &mut Vec<u8>) {
        self.entry.line(self.level, self.moment, &self.text).frame(buffer);
        self.done = true;
        if !self.entry.outlet.deliver(buffer) {
            count(&self.shared.lost);
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.shared.bytes.fetch_sub(self.cost, Ordering::Relaxed);
        self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
        if !self.done {
            self.shared.lose(&self.entry.outlet);
        }
    }
}

/// A message to the sink's thread.
#[derive(Debug)]
pub(crate) enum Message {
    Line(Job),
    /// Wakes the thread, and has no other content.
    Wake,
}
