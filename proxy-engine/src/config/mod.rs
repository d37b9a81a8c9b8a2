//! The configuration of the engine: its keywords, and how sections become frontends and backends.
//!
//! * [`keywords`](self): each parses its arguments and stores a type of [`policy`](crate::policy) in its section.
//! * [`resolve`]: names to addresses, on a thread that may block.

mod keywords;
pub mod resolve;

pub use keywords::case_adjust::CaseAdjustments;
