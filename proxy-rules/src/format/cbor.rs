//! CBOR (RFC 8949): the few items that formats write, in hexadecimal digits or as they are.

use crate::escape::{self, Map, hex};

/// Writes CBOR items.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cbor {
    /// Whether items are written as bytes, and not in hexadecimal digits.
    pub(super) binary: bool,
}

/// The major type of an item: its first three bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Major {
    Unsigned = 0,
    Negative = 1,
    Bytes = 2,
    Text = 3,
}

/// The last five bits of an item of indefinite length.
const INDEFINITE: u8 = 0x1f;
const ARRAY: u8 = 0x80;
const MAP: u8 = 0xa0;
const BREAK: u8 = 0xff;

impl Cbor {
    fn byte(self, byte: u8, to: &mut Vec<u8>) {
        if self.binary { to.push(byte) } else { hex(byte, to) }
    }

    fn all(self, bytes: &[u8], to: &mut Vec<u8>) {
        if self.binary {
            return to.extend_from_slice(bytes);
        }
        bytes.iter().for_each(|byte| hex(*byte, to));
    }

    /// Appends the head of an item: the major type and an argument, in as few bytes as possible.
    fn head(self, major: Major, value: u64, to: &mut Vec<u8>) {
        let first = |low: u8| (major as u8) << 5 | low;
        if let Ok(low @ 0..24) = u8::try_from(value) {
            self.byte(first(low), to);
        } else if let Ok(value) = u8::try_from(value) {
            self.byte(first(24), to);
            self.byte(value, to);
        } else if let Ok(value) = u16::try_from(value) {
            self.byte(first(25), to);
            self.all(&value.to_be_bytes(), to);
        } else if let Ok(value) = u32::try_from(value) {
            self.byte(first(26), to);
            self.all(&value.to_be_bytes(), to);
        } else {
            self.byte(first(27), to);
            self.all(&value.to_be_bytes(), to);
        }
    }

    /// Appends a number.
    pub(super) fn integer(self, value: i64, to: &mut Vec<u8>) {
        match u64::try_from(value) {
            Ok(value) => self.head(Major::Unsigned, value, to),
            // -1 is encoded as 0, and so on.
            Err(_) => self.head(Major::Negative, !value.cast_unsigned(), to),
        }
    }

    /// Appends a boolean.
    pub(super) fn boolean(self, value: bool, to: &mut Vec<u8>) {
        self.byte(if value { 0xf5 } else { 0xf4 }, to);
    }

    /// Appends null.
    pub(super) fn null(self, to: &mut Vec<u8>) {
        self.byte(0xf6, to);
    }

    /// Appends text, or bytes.
    pub(super) fn bytes(self, major: Major, bytes: &[u8], to: &mut Vec<u8>) {
        self.head(major, bytes.len() as u64, to);
        self.all(bytes, to);
    }

    /// Begins text, or bytes, in chunks.
    pub(super) fn begin(self, major: Major, to: &mut Vec<u8>) {
        self.byte((major as u8) << 5 | INDEFINITE, to);
    }

    /// Begins a map.
    pub(super) fn begin_map(self, to: &mut Vec<u8>) {
        self.byte(MAP | INDEFINITE, to);
    }

    /// Begins an array.
    pub(super) fn begin_array(self, to: &mut Vec<u8>) {
        self.byte(ARRAY | INDEFINITE, to);
    }

    /// Ends an item of indefinite length.
    pub(super) fn end(self, to: &mut Vec<u8>) {
        self.byte(BREAK, to);
    }

    /// Appends chunks of text in which the bytes of a map are escaped: each of those is a chunk, and so is the text
    /// before it, even if it is empty.
    pub(super) fn chunks(self, mut text: &[u8], map: Map, to: &mut Vec<u8>) {
        while let Some(at) = text.iter().position(|byte| map.escapes(*byte)) {
            self.bytes(Major::Text, &text[..at], to);
            let mut escaped = Vec::with_capacity(3);
            escape::escape(&mut escaped, &text[at..=at], map);
            self.bytes(Major::Text, &escaped, to);
            text = &text[at + 1..];
        }
        if !text.is_empty() {
            self.bytes(Major::Text, text, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 8949, appendix A.
    #[test]
    fn numbers() {
        for (value, shown) in [
            (0, "00"),
            (23, "17"),
            (24, "1818"),
            (1000, "1903E8"),
            (1_000_000, "1A000F4240"),
            (1_000_000_000_000, "1B000000E8D4A51000"),
            (-1, "20"),
            (-10, "29"),
            (-100, "3863"),
            (-1000, "3903E7"),
        ] {
            let mut to = Vec::new();
            Cbor { binary: false }.integer(value, &mut to);
            assert_eq!(to, shown.as_bytes(), "{value}");
        }
        let mut to = Vec::new();
        Cbor { binary: true }.integer(1000, &mut to);
        assert_eq!(to, b"\x19\x03\xe8");
    }
}
