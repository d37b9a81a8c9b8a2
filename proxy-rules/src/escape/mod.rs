//! Escaping, with one place for each way of it.
//!
//! * [`Map`], [`escape`]: `#XX`, in log lines; [`seal`]: the same for a finished line.
//! * `percent`: `%XX`, for control characters in what rules write.
//! * `backslash`: a backslash before some characters, in quoted strings.
//!
//! The `json` converter has its own rules, which are those of JSON; so do the escapes of the configuration.

mod hash;
mod hex;

pub use hash::{Map, escape, seal};
pub(crate) use hex::{digit, hex};

/// Appends bytes with control characters, except tabs, as `%XX`.
pub(crate) fn percent(bytes: &[u8], to: &mut Vec<u8>) {
    for &byte in bytes {
        percent_one(byte, to);
    }
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

fn percent_one(byte: u8, to: &mut Vec<u8>) {
    if is_control(byte) {
        to.push(b'%');
        hex(byte, to);
    } else {
        to.push(byte);
    }
}

/// The kind of a quoted string, which determines the characters that need a backslash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quoted {
    /// A value of structured data (RFC 5424, section 6.3.3): `"`, `\` and `]`.
    Structured,
    /// JSON as HAProxy writes it in formats: `"` and `\`.
    Json,
}

impl Quoted {
    pub(crate) fn has(self, byte: u8) -> bool {
        matches!(byte, b'"' | b'\\') || (byte == b']' && self == Quoted::Structured)
    }
}

/// Appends bytes with a backslash before those that need one in this kind of string.
pub(crate) fn backslash(bytes: &[u8], quoted: Quoted, to: &mut Vec<u8>) {
    for &byte in bytes {
        backslash_one(byte, quoted, to);
    }
}

pub(crate) fn backslash_one(byte: u8, quoted: Quoted, to: &mut Vec<u8>) {
    if quoted.has(byte) {
        to.push(b'\\');
    }
    to.push(byte);
}

/// Appends bytes with control characters as `%XX`, and with backslashes.
pub(crate) fn percent_and_backslash(bytes: &[u8], quoted: Quoted, to: &mut Vec<u8>) {
    for &byte in bytes {
        match is_control(byte) {
            true => percent_one(byte, to),
            false => backslash_one(byte, quoted, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way() {
        let text = b"a\"]\\\n\t\x7f\xff";
        let show = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut to = Vec::new();
            write(&mut to);
            to
        };
        assert_eq!(show(&|to| percent(text, to)), b"a\"]\\%0A\t%7F\xff");
        assert_eq!(show(&|to| backslash(text, Quoted::Structured, to)), b"a\\\"\\]\\\\\n\t\x7f\xff");
        assert_eq!(show(&|to| backslash(text, Quoted::Json, to)), b"a\\\"]\\\\\n\t\x7f\xff");
        let both = show(&|to| percent_and_backslash(text, Quoted::Structured, to));
        assert_eq!(both, b"a\\\"\\]\\\\%0A\t%7F\xff");
    }
}
