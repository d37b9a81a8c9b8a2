//! Which bytes may stand where (RFC 9110, section 5.6; RFC 9112, section 3).

pub(super) use crate::token::{LOWER, is_token_byte as is_token};

/// Space and tab: what separates the words of a line.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Whether a byte may stand in a request target. A fragment has no place there.
pub(super) fn is_target(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e) && byte != b'#'
}

/// Whether a byte may stand where the version is looked for. That it is a version is asked when it is whole.
pub(super) fn is_version(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'/' | b'.')
}

/// A control character other than the tab.
pub(super) fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f
}
