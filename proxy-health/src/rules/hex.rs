//! Bytes as hexadecimal digits.

/// Returns the bytes of an even number of digits, in either case; `None` for anything else.
pub(crate) fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}

/// Appends bytes as digits in upper case.
pub(crate) fn to_hex(bytes: &[u8], to: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        to.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(from_hex(b"00fFa5").as_deref(), Some(&[0, 0xff, 0xa5][..]));
        assert_eq!(from_hex(b"").as_deref(), Some(&[][..]));
        for bad in [&b"0"[..], b"0g", b"+1", b"0x00"] {
            assert_eq!(from_hex(bad), None);
        }
        let mut digits = Vec::new();
        to_hex(&[0, 0xff, 0xa5], &mut digits);
        assert_eq!(digits, b"00FFA5");
    }
}
