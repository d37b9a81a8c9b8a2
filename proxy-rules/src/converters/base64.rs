//! `base64`, `b64dec`, `ub64enc`, `ub64dec`: base64 of RFC 4648, with padding, and that for URLs, without.
//!
//! As HAProxy has it, the bits that are left over in a last digit may be anything, and texts with padding may stand one
//! behind the other.

use std::borrow::Cow;

use super::simple::simple;
use crate::sample::{Sample, Type};

/// Which letters stand for 62 and 63, and whether the last group is filled up.
struct Alphabet {
    last: [u8; 2],
    padded: bool,
}

const COMMON: Alphabet = Alphabet { last: *b"+/", padded: true };
const URL: Alphabet = Alphabet { last: *b"-_", padded: false };

impl Alphabet {
    /// The letter of six bits.
    fn letter(&self, bits: u8) -> u8 {
        match bits & 63 {
            bits @ 0..26 => b'A' + bits,
            bits @ 26..52 => b'a' + bits - 26,
            bits @ 52..62 => b'0' + bits - 52,
            bits => self.last[usize::from(bits - 62)],
        }
    }

    /// The six bits of a letter.
    fn bits(&self, letter: u8) -> Option<u8> {
        match letter {
            b'A'..=b'Z' => Some(letter - b'A'),
            b'a'..=b'z' => Some(letter - b'a' + 26),
            b'0'..=b'9' => Some(letter - b'0' + 52),
            letter if letter == self.last[0] => Some(62),
            letter if letter == self.last[1] => Some(63),
            _ => None,
        }
    }

    fn encode(&self, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
        for group in bytes.chunks(3) {
            let byte = |index: usize| group.get(index).copied().unwrap_or_default();
            let (one, two, three) = (byte(0), byte(1), byte(2));
            let letters = [one >> 2, one << 4 | two >> 4, two << 2 | three >> 6, three];
            let used = group.len() + 1;
            text.extend(letters[..used].iter().map(|bits| self.letter(*bits)));
            if self.padded {
                text.extend_from_slice(&b"=="[..4 - used]);
            }
        }
        text
    }

    /// How many letters of a group say something; `None` if it is no group.
    fn used(&self, group: &[u8]) -> Option<usize> {
        let used = match group {
            [_, _, b'=', b'='] if self.padded => 2,
            [_, _, _, b'='] if self.padded => 3,
            [_, _, _, _] => 4,
            [_, _, ..] if !self.padded => group.len(),
            _ => return None,
        };
        Some(used)
    }

    /// Decodes in the memory of the text.
    fn decode(&self, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        let mut written = 0;
        for start in (0..bytes.len()).step_by(4) {
            let group = &bytes[start..bytes.len().min(start + 4)];
            let used = self.used(group)?;
            let mut bits = [0; 4];
            for (bits, letter) in bits.iter_mut().zip(&group[..used]) {
                *bits = self.bits(*letter)?;
            }
            let [one, two, three, four] = bits;
            let decoded = [one << 2 | two >> 4, two << 4 | three >> 2, three << 6 | four];
            // Four letters have made room for three bytes.
            bytes[written..written + used - 1].copy_from_slice(&decoded[..used - 1]);
            written += used - 1;
        }
        bytes.truncate(written);
        Some(bytes)
    }
}

fn encoded<'c>(alphabet: &Alphabet, sample: &Sample<'c>) -> Option<Sample<'c>> {
    Some(Sample::Text(Cow::Owned(alphabet.encode(sample.bytes()?))))
}

fn decoded<'c>(alphabet: &Alphabet, sample: Sample<'c>) -> Option<Sample<'c>> {
    let Sample::Text(text) = sample else { return None };
    Some(Sample::Binary(Cow::Owned(alphabet.decode(text.into_owned())?)))
}

simple!("base64", Type::Binary, Type::Text, "in base64", |sample| encoded(&COMMON, &sample));
simple!("ub64enc", Type::Binary, Type::Text, "in base64 for URLs", |sample| encoded(&URL, &sample));
simple!("b64dec", Type::Text, Type::Binary, "what base64 stands for", |sample| decoded(&COMMON, sample));
simple!("ub64dec", Type::Text, Type::Binary, "what base64 for URLs stands for", |sample| {
    decoded(&URL, sample)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_come_back() {
        for alphabet in [COMMON, URL] {
            for length in 0..70_u8 {
                let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(37) ^ 0xa5).collect();
                let text = alphabet.encode(&bytes);
                assert!(text.len() % 4 == 0 || !alphabet.padded, "{length}");
                assert_eq!(alphabet.decode(text), Some(bytes), "{length}");
            }
        }
        // RFC 4648, section 10.
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(COMMON.encode(bytes.as_bytes()), text.as_bytes());
            assert_eq!(URL.encode(bytes.as_bytes()), text.trim_end_matches('=').as_bytes());
        }
        assert_eq!(
            (COMMON.encode(b"\xff\xef\xfe"), URL.encode(b"\xff\xef\xfe")),
            (b"/+/+".to_vec(), b"_-_-".to_vec())
        );
    }

    #[test]
    fn what_is_no_base64() {
        for text in ["Zg", "Zg=", "Zg=a", "Z===", "====", "Zm-v", "Zg==Z", "Z g="] {
            assert_eq!(COMMON.decode(text.into()), None, "{text}");
        }
        for text in ["Z", "Zm9vZ", "Zm8+", "Zg==", "Zm8="] {
            assert_eq!(URL.decode(text.into()), None, "{text}");
        }
        assert_eq!(COMMON.decode("Zh==Zg==".into()), Some(b"ff".to_vec()));
        assert_eq!(URL.decode("Zh".into()), Some(b"f".to_vec()));
    }
}
