//! Reporting measurements, also in tests that pass.

use std::io::{self, Write};

/// The first word of each such line.
pub(crate) const PREFIX: &str = "measured: ";

/// Reports a measurement on a line of its own.
pub fn measured(what: impl std::fmt::Display) {
    // Written past the test harness, which would suppress the line of a test that passes. A test can do nothing about a
    // closed stderr, so errors are ignored.
    drop(io::stderr().write_all(format!("{PREFIX}{what}\n").as_bytes()));
}
