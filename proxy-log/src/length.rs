//! The length at which a line is cut.

/// The most bytes of a line, its header and the newline at its end included (`len`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaxLength(u16);

/// The error of a length out of bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit of a log line is 80 to 65535 bytes, not {0}")]
pub struct LengthError(pub u64);

impl MaxLength {
    /// The shortest limit.
    pub const MIN: MaxLength = MaxLength(80);
    /// The longest limit.
    pub const MAX: MaxLength = MaxLength(u16::MAX);

    /// Returns the limit in bytes.
    pub fn bytes(self) -> usize {
        self.0.into()
    }
}

/// 1024 bytes: what RFC 3164 (section 4.1) requires every receiver to accept.
impl Default for MaxLength {
    fn default() -> MaxLength {
        MaxLength(1024)
    }
}

impl TryFrom<u64> for MaxLength {
    type Error = LengthError;

    fn try_from(bytes: u64) -> Result<MaxLength, LengthError> {
        let length = u16::try_from(bytes).map(MaxLength).map_err(|_| LengthError(bytes))?;
        if length < MaxLength::MIN { Err(LengthError(bytes)) } else { Ok(length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_bounds() {
        for (bytes, good) in
            [(0, false), (79, false), (80, true), (65535, true), (65536, false), (1 << 40, false)]
        {
            assert_eq!(MaxLength::try_from(bytes).is_ok(), good, "{bytes}");
        }
    }
}
