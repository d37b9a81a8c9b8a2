//! Versions of the protocol as they are in messages.

/// A version: `03 03` is TLS 1.2. Versions are ordered by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 3 since SSL 3.0.
    pub major: u8,
    /// 1 for TLS 1.0, 3 for TLS 1.2.
    pub minor: u8,
}

impl Version {
    /// SSL 3.0. Later versions have the same major and a higher minor number.
    pub const SSL_3_0: Version = Version { major: 3, minor: 0 };

    /// TLS 1.0.
    pub const TLS_1_0: Version = Version { major: 3, minor: 1 };

    /// Returns the version in two bytes.
    pub const fn from_bytes([major, minor]: [u8; 2]) -> Version {
        Version { major, minor }
    }
}
