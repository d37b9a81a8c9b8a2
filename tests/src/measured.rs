//! What a test measured, where it can be seen although the test passes.

use std::io::{self, Write};

/// The first word of each such line.
pub(crate) const PREFIX: &str = "measured: ";

/// Says what was measured, on a line of its own.
pub fn measured(what: impl std::fmt::Display) {
    // Past the test harness, which would keep the line of a test that passes to itself. A test can do nothing
    // about a closed stderr, so errors are let go.
    drop(io::stderr().write_all(format!("{PREFIX}{what}\n").as_bytes()));
}
