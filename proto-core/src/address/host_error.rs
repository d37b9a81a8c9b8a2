//! Why a host is not one of its family.

/// Why a host is not one of its family.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The text has not the form of this family.
    #[error("{0}")]
    Malformed(String),
    /// A path or name longer than the kernel's address can hold.
    #[error("it has {length} bytes, at most {max} fit into a socket address")]
    TooLong {
        /// Bytes found.
        length: usize,
        /// Bytes that fit.
        max: usize,
    },
}

impl HostError {
    /// A malformed host, with what was expected.
    pub fn malformed(expected: impl Into<String>) -> HostError {
        HostError::Malformed(expected.into())
    }
}
