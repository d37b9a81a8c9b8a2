//! Escaping text that a peer chose, so that in a log line it can neither end the line nor look like another field.
//!
//! An unwanted byte becomes `#` and two upper-case hexadecimal digits. `#` itself is escaped likewise, so that the
//! original can be recovered.

use super::hex;

/// The set of bytes to escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Map {
    /// For captured headers: all but printable ASCII, and `"`, `#`, `{`, `|`, `}`, which delimit them.
    Header,
    /// For requests and their parts: all but printable ASCII, and `"` and `#`.
    Url,
    /// For free text: control characters, and bytes that are not valid UTF-8. Everything else is kept, including `#`.
    Text,
}

impl Map {
    /// Returns whether a byte is escaped, where it is not part of valid UTF-8.
    pub(crate) fn escapes(self, byte: u8) -> bool {
        let delimits = match self {
            Map::Header => matches!(byte, b'"' | b'#' | b'{' | b'|' | b'}'),
            Map::Url => matches!(byte, b'"' | b'#'),
            Map::Text => false,
        };
        delimits || !(0x20..0x7f).contains(&byte)
    }
}

/// Appends `text` with the bytes of the map escaped.
pub fn escape(out: &mut Vec<u8>, text: &[u8], map: Map) {
    if map == Map::Text {
        for chunk in text.utf8_chunks() {
            for char in chunk.valid().chars() {
                let mut bytes = [0; 4];
                let bytes = char.encode_utf8(&mut bytes).as_bytes();
                // This includes the control characters above 0x7f, which a terminal may obey.
                if char.is_control() {
                    bytes.iter().for_each(|byte| push(out, *byte));
                } else {
                    out.extend_from_slice(bytes);
                }
            }
            chunk.invalid().iter().for_each(|byte| push(out, *byte));
        }
        return;
    }
    // There is almost never anything to escape.
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| map.escapes(*byte)) {
        out.extend_from_slice(&rest[..at]);
        push(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

pub(super) fn push(out: &mut Vec<u8>, byte: u8) {
    out.push(b'#');
    hex(byte, out);
}

/// Appends a finished line. This is the last defence, for anything that was not escaped before: control characters are
/// escaped, so that the line stays one line and a terminal only displays it. Tabs and bytes above 0x7f are kept.
pub fn seal(out: &mut Vec<u8>, line: &[u8]) {
    let mut rest = line;
    while let Some(at) = rest.iter().position(|byte| byte.is_ascii_control() && *byte != b'\t') {
        out.extend_from_slice(&rest[..at]);
        push(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &[u8], map: Map) -> String {
        let mut out = Vec::new();
        escape(&mut out, text, map);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn each_map_escapes_what_it_says() {
        let text = b"a\"#{|} \n\t\x7f\xc3\xa9\xff]\\";
        assert_eq!(escaped(text, Map::Header), "a#22#23#7B#7C#7D #0A#09#7F#C3#A9#FF]\\");
        assert_eq!(escaped(text, Map::Url), "a#22#23{|} #0A#09#7F#C3#A9#FF]\\");
        assert_eq!(escaped(text, Map::Text), "a\"#{|} #0A#09#7F\u{e9}#FF]\\");
        assert_eq!(escaped("\u{85}".as_bytes(), Map::Text), "#C2#85");
    }

    /// Reverts `escape`.
    fn undone(text: &str) -> Vec<u8> {
        let mut bytes = text.bytes();
        let mut out = Vec::new();
        while let Some(byte) = bytes.next() {
            let mut digit = || char::from(bytes.next().expect("a digit")).to_digit(16).expect("hexadecimal");
            out.push(if byte == b'#' { u8::try_from(digit() * 16 + digit()).expect("a byte") } else { byte });
        }
        out
    }

    proptest! {
        #[test]
        fn nothing_escapes_and_nothing_is_lost(text: Vec<u8>) {
            for map in [Map::Header, Map::Url] {
                let out = escaped(&text, map);
                prop_assert!(out.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"'));
                prop_assert_eq!(undone(&out), text.clone());
            }
            prop_assert!(!escaped(&text, Map::Text).contains(char::is_control));
        }

        #[test]
        fn a_sealed_line_is_one_line(text: Vec<u8>) {
            let mut out = Vec::new();
            seal(&mut out, &text);
            prop_assert!(out.iter().all(|b| !b.is_ascii_control() || *b == b'\t'));
            if text.iter().all(|b| !b.is_ascii_control()) {
                prop_assert_eq!(out, text);
            }
        }
    }
}
