//! The errors of reading a host.

/// The reason why a host is not valid in its family.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// A text that does not have the form of a host of this family.
    #[error("{0}")]
    Malformed(String),
    /// A path or name longer than a socket address can hold.
    #[error("it has {length} bytes, but a socket address holds at most {max}")]
    TooLong {
        /// The length of the text, in bytes.
        length: usize,
        /// The highest length, in bytes.
        max: usize,
    },
}

impl HostError {
    /// Returns the error for a malformed host, with what was expected.
    pub fn malformed(expected: impl Into<String>) -> HostError {
        HostError::Malformed(expected.into())
    }
}
