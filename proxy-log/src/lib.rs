//! Traffic logs: the destination of a line, its format, and a sink that never makes a worker wait.
//!
//! * [`target`]: which lines go where; [`words`], [`sampling`]: the words of a target.
//! * [`mod@format`]: the headers before the text.
//! * [`logger`]: the handle of a worker. It filters, samples and queues, and never waits.
//! * [`sink`]: the thread that formats and sends, and counts the lines that it could not send.
//!
//! * [`settings`]: the keywords of the configuration about destinations.
//!
//! This crate does not depend on the engine. The text of a line is made elsewhere: `proxy_rules::log` has its
//! keywords.
//!
//! ```text
//!  worker                                      sink thread
//!  ──────                                      ───────────
//!  Logger::log ─level?─sample?─► bounded queue ─► frame ─► outlet (one per destination) ─► socket or descriptor
//!                                   │ full                   │ does not take it
//!!  worker                                      sink thread
//! ```

#![warn(missing_docs)]

pub mod counts;
mod entry;
pub mod format;
pub mod identity;
pub mod length;
pub mod logger;
mod outlet;
mod queue;
pub mod sampling;
pub mod settings;
pub mod sink;
mod sys;
pub mod target;
pub mod words;

pub use counts::{Counts, Notice};
pub use format::Format;
pub use identity::Identity;
pub use length::MaxLength;
pub use logger::{LogList, Logger};
pub use sampling::{Sampling, SamplingError};
pub use sink::{Finished, Sink, SinkLimits};
pub use target::{Destination, LogTarget};
pub use words::{Facility, Level, UnknownWord};

/// The name of this machine.
pub fn hostname() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}
