//! The length at which a line is cut.

/// How many bytes a line may have, its header and the newline at its end included (`len`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaxLength(u16);

/// A length out of bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a log line cannot be limited to {0} bytes, only to 80 to 65535")]
pub struct LengthError(pub u64);

impl MaxLength {
    /// The shortest limit.
    pub const MIN: MaxLength = MaxLength(80);
    /// The longest limit.
    pub const MAX: MaxLength = MaxLength(u16::MAX);

    /// In bytes.
    pub fn bytes(self) -> usize {
        self.0.into()
    }
}

/// 1024: what RFC 3164 (section 4.1) obliges every receiver to take.
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
