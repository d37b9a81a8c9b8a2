//! The kinds of checks that an option chooses, each in a file of its own with its entry.

mod entry;
mod http;
mod tcp;

pub use entry::CheckEntry;
