//! `json`: the content of a JSON string, in which everything but printable ASCII is escaped.

use std::borrow::Cow;
use std::io::Write as _;

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

/// How the bytes are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    /// Each byte is a character.
    Bytes,
    Utf8 {
        /// Whether an invalid character is skipped; otherwise there is no result.
        skips: bool,
        /// Whether a character may be encoded in more bytes than necessary.
        lenient: bool,
    },
}

/// What is wrong with a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The encoding has more bytes than necessary.
    Overlong,
    /// The bytes are not a character.
    Broken,
}

/// Decodes the first character of bytes that are not empty; returns it, its length in bytes, and what is wrong with it.
fn next(bytes: &[u8]) -> (u32, usize, Option<Fault>) {
    let first = bytes[0];
    let (length, bits) = match first {
        0..0x80 => return (u32::from(first), 1, None),
        0xc0..0xe0 => (2, 0x1f),
        0xe0..0xf0 => (3, 0x0f),
        0xf0..0xf8 => (4, 0x07),
        0xf8..0xfc => (5, 0x03),
        0xfc..0xfe => (6, 0x01),
        _ => return (0, 1, Some(Fault::Broken)),
    };
    let Some(rest) = bytes.get(1..length) else { return (0, 1, Some(Fault::Broken)) };
    if let Some(at) = rest.iter().position(|byte| byte & 0xc0 != 0x80) {
        return (0, at + 1, Some(Fault::Broken));
    }
    let character =
        rest.iter().fold(u32::from(first & bits), |value, byte| value << 6 | u32::from(byte & 0x3f));
    // Surrogates, and noncharacters.
    let fault = match character {
        0xd800..=0xdfff | 0xfffe..=0xffff => Some(Fault::Broken),
        0..0x80 => Some(Fault::Overlong),
        0x80..0x800 if length > 2 => Some(Fault::Overlong),
        0x800..0x1_0000 if length > 3 => Some(Fault::Overlong),
        _ => None,
    };
    (character, length, fault)
}

impl Coding {
    fn read(text: &str) -> Option<Coding> {
        Some(match text {
            "ascii" => Coding::Bytes,
            "utf8" => Coding::Utf8 { skips: false, lenient: false },
            "utf8s" => Coding::Utf8 { skips: true, lenient: false },
            "utf8p" => Coding::Utf8 { skips: false, lenient: true },
            "utf8ps" => Coding::Utf8 { skips: true, lenient: true },
            _ => return None,
        })
    }

    fn write(self, mut bytes: &[u8]) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(bytes.len() + bytes.len() / 4 + 8);
        while let Some(first) = bytes.first() {
            let (character, length) = match self {
                Coding::Bytes => (u32::from(*first), 1),
                Coding::Utf8 { skips, lenient } => {
                    let (character, length, fault) = next(bytes);
                    let is_wrong = match fault {
                        Some(Fault::Overlong) if lenient => false,
                        fault => fault.is_some(),
                    };
                    // Four digits cannot express more.
                    if is_wrong || character > 0xffff {
                        if !skips {
                            return None;
                        }
                        bytes = &bytes[length..];
                        continue;
                    }
                    (character, length)
                }
            };
            escape(character, &mut text);
            bytes = &bytes[length..];
        }
        Some(text)
    }
}

fn escape(character: u32, to: &mut Vec<u8>) {
    let Ok(byte @ 0..0x7f) = u8::try_from(character) else { return code(character, to) };
    let letter = match byte {
        b'"' | b'\\' | b'/' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\r' => b'r',
        b'\n' => b'n',
        b'\t' => b't',
        0..b' ' => return code(character, to),
        _ => return to.push(byte),
    };
    to.extend_from_slice(&[b'\\', letter]);
}

/// Writes an escape such as `\u00e9`.
fn code(character: u32, to: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = write!(to, "\\u{character:04x}");
}

impl Converter for Coding {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        if text.iter().all(|byte| matches!(byte, b' '..0x7f) && !b"\"\\/".contains(byte)) {
            return Some(Sample::Text(text));
        }
        Some(Sample::Text(Cow::Owned(self.write(&text)?)))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "json",
        "[ascii|utf8|utf8s|utf8p|utf8ps]",
        Type::Text,
        Type::Text,
        "as in a string of JSON; of UTF-8 with mistakes, nothing, or with 's' what is right",
        |inputs| {
            let coding = match inputs.take() {
                None => Coding::Bytes,
                Some(input) => Coding::read(&input.text)
                    .ok_or_else(|| inputs.bad(input, "'ascii', 'utf8', 'utf8s', 'utf8p' or 'utf8ps'"))?,
            };
            Ok(Box::new(coding))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was compared with HAProxy 3.5-dev5.
    #[test]
    fn escapes() {
        for (coding, bytes, text) in [
            ("ascii", &b"foo 1/2"[..], Some(r"foo 1\/2")),
            ("ascii", b"\"\\\x08\x0c\r\n\t\x01\x7f\x80~", Some(r#"\"\\\b\f\r\n\t\u0001\u007f\u0080~"#)),
            ("ascii", b"\xc3\xa9", Some(r"\u00c3\u00a9")),
            ("utf8", b"\xc3\xa9\xe2\x82\xac", Some(r"\u00e9\u20ac")),
            ("utf8", b"a\xe0", None),
            ("utf8s", b"-\xe0-", Some("--")),
            ("utf8s", b"a\xe2\x82z\x80b", Some("azb")),
            ("utf8", b"\xf0\x9f\x98\x80", None),
            ("utf8s", b"x\xf0\x9f\x98\x80y", Some("xy")),
            ("utf8", b"\xc0\xafx", None),
            ("utf8s", b"\xc0\xafx", Some("x")),
            ("utf8p", b"\xc0\xafx", Some(r"\/x")),
            ("utf8ps", b"\xc0\xafx\xff", Some(r"\/x")),
            ("utf8p", b"\xed\xa0\x80", None),
            ("utf8ps", b"\xed\xa0\x80\xef\xbf\xbfw", Some("w")),
        ] {
            let coding = Coding::read(coding).unwrap();
            assert_eq!(
                coding.write(bytes),
                text.map(|text| text.as_bytes().to_vec()),
                "{coding:?} {bytes:x?}"
            );
        }
    }
}
