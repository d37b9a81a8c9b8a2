//! The error of building a laboratory: an operation on an object, and the system's reason.

use std::io;

/// The result of building or changing a laboratory.
pub type Result<T> = std::result::Result<T, Error>;

/// An operation of the laboratory that the system refused.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {object}: {source}")]
pub struct Error {
    /// The operation, as a verb: "add address to".
    pub operation: &'static str,
    /// The object: an interface, a file, a namespace.
    pub object: String,
    /// Why it failed.
    pub source: io::Error,
}

/// Turns an `io::Result` into this crate's, with operation and object.
pub(crate) trait Context<T> {
    fn context(self, operation: &'static str, object: impl std::fmt::Display) -> Result<T>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, operation: &'static str, object: impl std::fmt::Display) -> Result<T> {
        self.map_err(|source| Error { operation, object: object.to_string(), source })
    }
}
