//! Why a row of a table was not played to its end.

use std::io;

use crate::error::Error;

/// Why a row was not played to its end.
#[derive(Debug)]
pub enum RowFailure {
    /// Something did not happen, or not as it should.
    Failed(String),
    /// Braid says that it does not know what the row needs, in these words. Only what it does and what it refuses is
    /// tested; what it learns later is tested from then on by itself.
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
