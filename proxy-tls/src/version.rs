//! Versions of the protocol as messages write them.

/// A version: `03 03` is TLS 1.2. It orders as the bytes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 3 since SSL 3.0.
    pub major: u8,
    /// 1 for TLS 1.0, 3 for TLS 1.2.
    pub minor: u8,
}

impl Version {
    /// The version that SSL 3.0 has, and with a higher second number all that came after it.
    pub const SSL_3_0: Version = Version { major: 3, minor: 0 };

    /// TLS 1.0.
    pub const TLS_1_0: Version = Version { major: 3, minor: 1 };

    /// The one that two bytes say.
    pub const fn from_bytes([major, minor]: [u8; 2]) -> Version {
        Version { major, minor }
    }
}
