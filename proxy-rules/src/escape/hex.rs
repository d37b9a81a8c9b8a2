//! Hexadecimal digits of bytes.

use proxy_http::hex::upper_digit;

/// Appends the two digits of a byte.
pub(crate) fn hex(byte: u8, to: &mut Vec<u8>) {
    to.extend_from_slice(&[upper_digit(byte >> 4), upper_digit(byte)]);
}

/// Returns the value of a digit.
pub(crate) fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}
