//! What the configuration language says about HTTP, beside rules: its keywords, and the types in which they keep it.
//!
//! Each file is a group of keywords. Everything here means something with `mode http` only, but [`Switches::aborts`];
//! what stands in a proxy of mode tcp is said to have no effect where HAProxy says so.

mod case;
mod check;
mod closing;
mod forwarded;
mod names;
mod pool;
mod retry;
mod switches;
#[cfg(test)]
mod tests;
mod timeouts;
mod tuning;

pub use case::CaseAdjustments;
pub use closing::{Closing, Reuse};
pub use forwarded::{ForwardFor, Network, OriginalTo};
pub use names::UnusualNames;
pub use pool::IdlePool;
pub use retry::{RetryCause, RetryOn};
pub use switches::Switches;
pub use timeouts::HttpTimeouts;
pub use tuning::HttpTuning;
