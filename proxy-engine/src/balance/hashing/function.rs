//! The hash functions that a configuration chooses from.

use proxy_rules::hash;

use crate::policy::HashFunction;

impl HashFunction {
    /// Returns the hash of a key.
    pub fn of(self, key: &[u8]) -> u32 {
        match self {
            HashFunction::Sdbm => hash::sdbm(key),
            HashFunction::Djb2 => hash::djb2(key),
            HashFunction::Wt6 => hash::wt6(key),
            HashFunction::Crc32 => hash::crc32(key),
            HashFunction::None => number(key),
        }
    }
}

/// Reads an optional sign and digits, up to the first other character. A value that 64 bits cannot hold is clamped.
fn number(key: &[u8]) -> u32 {
    let (negative, digits) = match key {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, key),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| i64::from(byte - b'0'));
    let value = digits.fold(0_i64, |value, digit| {
        let signed = if negative { -digit } else { digit };
        value.saturating_mul(10).saturating_add(signed)
    });
    // The lowest bits, of negative numbers too.
    value as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_they_are() {
        for (key, value) in [
            ("", 0),
            ("x1", 0),
            ("42", 42),
            ("42x", 42),
            ("+9", 9),
            ("-7", u32::MAX - 6),
            ("4294967295", u32::MAX),
            ("4294967297", 1),
            ("99999999999999999999", u32::MAX),
            ("-99999999999999999999", 0),
        ] {
            assert_eq!(HashFunction::None.of(key.as_bytes()), value, "{key}");
        }
    }
}
