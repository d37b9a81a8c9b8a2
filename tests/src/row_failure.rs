//! Why a row of a table did not run to its end.

use std::io;

use crate::error::Error;

/// The reason why a row did not run to its end.
#[derive(Debug)]
pub enum RowFailure {
    /// Something did not happen, or not as expected.
    Failed(String),
    /// Braid reports that it does not support what the row needs, in these words. Only what it does and what it refuses
    /// is tested; what it supports later is then tested without further changes.
    Unsupported(String),
}

impl From<String> for RowFailure {
    fn from(text: String) -> Self {
        Self::Failed(text)
    }
}

impl From<Error> for RowFailure {
    fn from(error: Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<io::Error> for RowFailure {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
