//! Two hexadecimal digits for a byte.

const DIGITS: [u8; 16] = *b"0123456789ABCDEF";

/// Appends the two digits of a byte.
pub(crate) fn hex(byte: u8, to: &mut Vec<u8>) {
    to.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

/// The value of a digit.
pub(crate) fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}
