//! Rules: what a configuration looks at in a session and its messages, and what it does about it.
//!
//! * [`Sample`]: a typed value. What takes one from a [`Context`] is a fetch.
//! * [`Context`]: what rules of one hook point may look at and change. [`Session`]: what the engine tells them.
//! * [`Verdict`], [`Answer`]: what rules come to.
//!
//! Everything is compiled when the configuration is read, and evaluated without allocation where nothing is changed.
//! Fetches, matches and actions are entries of the files that implement them.

mod answer;
mod context;
mod sample;
mod verdict;

pub use answer::Answer;
pub use context::{Context, Session};
pub use sample::{Sample, Type};
pub use verdict::Verdict;
