//! The bytes that are allowed in each part of a message (RFC 9110, section 5.6; RFC 9112, section 3).

pub(super) use crate::token::{LOWER, is_token_byte as is_token};

/// Returns whether a byte is a space or a tab, which separate the words of a line.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Returns whether a byte is allowed in a request target. A fragment is not.
pub(super) fn is_target(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e) && byte != b'#'
}

/// Returns whether a byte is allowed in the place of the version. The complete version is checked separately.
pub(super) fn is_version(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'/' | b'.')
}

/// Returns whether a byte is a control character other than the tab.
pub(super) fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f
}
