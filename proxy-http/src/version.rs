//! The version of a message.

use std::fmt;

/// The version in a start line, as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The digit before the point.
    pub major: u8,
    /// The digit after the point.
    pub minor: u8,
}

impl Version {
    /// HTTP/1.0
    pub const HTTP_10: Version = Version { major: 1, minor: 0 };
    /// HTTP/1.1
    pub const HTTP_11: Version = Version { major: 1, minor: 1 };

    /// Returns whether it is HTTP/1.1 or later: connections persist and chunks are supported.
    pub fn is_11(self) -> bool {
        self >= Version::HTTP_11
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP/{}.{}", self.major, self.minor)
    }
}
