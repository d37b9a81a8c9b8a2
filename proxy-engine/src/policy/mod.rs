//! What can be configured, as plain types: timeouts, reuse, retries, limits, closing. No keywords and no I/O.
//!
//! The keywords of the configuration store these types in the sections; the engine reads them from here.

mod backend;
mod http;
mod logging;
mod server;

pub use backend::{BackendTimeouts, Redispatch};
pub use http::HttpPolicy;
pub use logging::{LogMoment, LogOptions};
pub use server::MAX_WEIGHT;

pub use crate::settings::http::{
    Closing, ForwardFor, HttpTimeouts, HttpTuning, IdlePool, Network, OriginalTo, RetryCause, RetryOn, Reuse,
    Switches, UnusualNames,
};
