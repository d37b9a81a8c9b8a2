//! The health of a server: what consecutive results of its checks, and errors of its traffic, amount to.
//!
//! ```text
//!  CheckResult ─► Checks::record ─► Tally ─┐
//!  traffic ─────► Observer ────────────────┴─► Checks::transition ─► the server stops, runs, or stops taking clients
//! ```

mod checks;
mod condition;
mod observer;
mod tally;

pub use checks::{CheckSource, CheckState, Checks, Circumstances, Recorded, Tracked, Transition};
pub use condition::{InitState, ServerCondition};
pub use observer::{Exceeded, ObservedEvent, ObservedLayer, Observer, OnError};
pub use tally::Tally;
