//! The configuration of the engine: its keywords, and how sections become frontends and backends.
//!
//! * `keywords`: each parses its arguments and stores a type of [`policy`](crate::policy) in its section.
//! * [`Assembly`]: from sections to frontends and backends.
//! * [`resolve`]: resolves names to addresses, on a thread that may block.

mod assembly;
mod keywords;
pub mod resolve;

pub use assembly::{Assembly, BindAddress, Plan, PlannedFrontend, Route, ServerAddress};
