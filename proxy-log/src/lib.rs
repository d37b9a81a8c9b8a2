//! Traffic logs: where a line goes, how it is framed, and a sink that never lets a worker wait.
//!
//! * [`target`]: where lines go and which; [`words`], [`sampling`]: the words of a target.
//! * [`mod@format`]: what stands before the text.
//! * [`logger`]: what a worker holds. It filters, samples and queues, and never waits.
//! * [`sink`]: the thread that frames and sends, and counts what it could not.
//!
//! * [`settings`]: the keywords of the configuration about where lines go.
//!
//! It knows no engine. What a line says is made elsewhere: `proxy_rules::log` has the keywords of that.
//!
//! ```text
//!  worker                                      sink thread
//!  ──────                                      ───────────
//!  Logger::log ─level?─sample?─► bounded queue ─► frame ─► outlet (one per destination) ─► socket or descriptor
//!                                   │ full                   │ does not take it
//!                                   └──────► counted ◄───────┘ ─► said, now and then
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
