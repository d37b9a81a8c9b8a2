//! Traffic logs: where a line goes, how it is framed, and a sink that never lets a worker wait.
//!
//! * [`target`]: where lines go and which; [`words`], [`sample`]: the words of a target.
//! * [`mod@format`]: what stands before the text. [`mod@escape`]: how text that a peer chose becomes harmless. [`date`]: dates.
//! * [`logger`]: what a worker holds. It filters, samples and queues, and never waits.
//! * [`sink`]: the thread that frames and sends, and counts what it could not.
//!
//! * [`settings`]: the keywords of the configuration that are about logs.
//!
//! It knows no engine. What a line says is made elsewhere.
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
pub mod date;
pub mod escape;
pub mod format;
pub mod logger;
mod outlet;
mod queue;
pub mod sample;
pub mod settings;
pub mod sink;
mod sys;
pub mod target;
pub mod words;

pub use counts::{Counts, Notice};
pub use date::format_date;
pub use escape::{Map, escape};
pub use format::Format;
pub use logger::{Identity, LogList, Logger};
pub use sample::{SampleError, Sampling};
pub use sink::{Finished, Limits, Sink};
pub use sys::hostname;
pub use target::{Destination, LogTarget, MaxLength};
pub use words::{Facility, Level, UnknownWord};
