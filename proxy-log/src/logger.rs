//! The handle of a worker: the targets of one proxy. Filters, samples and queues lines; never waits.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::SystemTime;

use crate::entry::{Entry, Text};
use crate::identity::Identity;
use crate::queue::{Job, Message, Shared};
use crate::target::LogTarget;
use crate::words::Level;

/// The log settings of one proxy, from its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogList {
    /// The targets of its lines.
    pub targets: Vec<LogTarget>,
    /// The sender that its lines name.
    pub identity: Identity,
}

/// Logs the lines of one proxy. Clones are the same logger: they share the counts of the samples.
#[derive(Clone)]
pub struct Logger(Arc<Inner>);

struct Inner {
    entries: Vec<Arc<Entry>>,
    /// The least severe level that any target accepts.
    max_level: Option<Level>,
    /// The most bytes of a text that any target sends.
    longest: usize,
    /// `None` for a logger without targets, which needs no sink.
    queue: Option<(SyncSender<Message>, Arc<Shared>)>,
}

impl Logger {
    /// Returns a logger without targets.
    pub fn silent() -> Logger {
        Logger(Arc::new(Inner { entries: Vec::new(), max_level: None, longest: 0, queue: None }))
    }

    pub(crate) fn new(entries: Vec<Entry>, queue: SyncSender<Message>, shared: Arc<Shared>) -> Logger {
        Logger(Arc::new(Inner {
            max_level: entries.iter().map(|entry| entry.max_level).max(),
            longest: entries.iter().map(|entry| entry.max_length.bytes()).max().unwrap_or(0),
            entries: entries.into_iter().map(Arc::new).collect(),
            queue: Some((queue, shared)),
        }))
    }

    /// Returns whether any target accepts messages of this level. If none does, the text need not be made.
    pub fn wants(&self, level: Level) -> bool {
        self.0.max_level.is_some_and(|max_level| level <= max_level)
    }

    /// Logs a line with the current time. Never waits; a line that cannot be queued is counted as lost. An empty
    /// message logs nothing.
    pub fn log(&self, level: Level, message: impl AsRef<[u8]>) {
        self.log_structured(level, message, b"");
    }

    /// Logs a line with structured data (RFC 5424, section 6.3), which only the format `rfc5424` sends.
    pub fn log_structured(&self, level: Level, message: impl AsRef<[u8]>, structured: impl AsRef<[u8]>) {
        let Some((queue, shared)) = &self.0.queue else { return };
        if self.wants(level) {
            self.queue(queue, shared, level, message.as_ref(), structured.as_ref());
        }
    }

    fn queue(
        &self,
        queue: &SyncSender<Message>,
        shared: &Arc<Shared>,
        level: Level,
        message: &[u8],
        structured: &[u8],
    ) {
        let mut line = None;
        for entry in &self.0.entries {
            // The order matters: a line excluded by its level is not counted for a sample, an empty one is.
            if level > entry.max_level || !entry.sampler.takes_next() || message.is_empty() {
                continue;
            }
            let (moment, text) = line.get_or_insert_with(|| {
                let cut = |text: &[u8]| text.get(..self.0.longest).unwrap_or(text).into();
                let text = Text { message: cut(message), structured: cut(structured) };
                (SystemTime::now(), Arc::new(text))
            });
            if let Some(job) = Job::reserve(shared, entry, level, *moment, text) {
                // A job that is returned is dropped here, which counts it as lost.
                drop(queue.try_send(Message::Line(job)));
            }
        }
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let destinations = self.0.entries.iter().map(|entry| &entry.outlet.destination);
        f.debug_list().entries(destinations).finish()
    }
}
