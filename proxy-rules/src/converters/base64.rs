//! `base64`, `b64dec`, `ub64enc`, `ub64dec`: base64 of RFC 4648 with padding, and its variant for URLs without.
//!
//! As in HAProxy, unused bits of a last digit may have any value, and texts with padding may be concatenated.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::simple::simple;
use crate::sample::{Sample, Type};

/// The alphabet, and whether the last group is padded.
struct Alphabet(GeneralPurpose);

/// The alphabet with `+` and `/`.
const COMMON: Alphabet = Alphabet(GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
));

/// The alphabet with `-` and `_`.
const URL: Alphabet = Alphabet(GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
));

impl Alphabet {
    fn encode(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.encode(bytes).into_bytes()
    }

    fn decode(&self, mut text: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(text.len().div_ceil(4) * 3);
        // One text ends with its padding.
        while let Some(at) = memchr::memchr(b'=', text) {
            let end = text.len().min((at / 4 + 1) * 4);
            self.0.decode_vec(&text[..end], &mut bytes).ok()?;
            text = &text[end..];
        }
        self.0.decode_vec(text, &mut bytes).ok()?;
        Some(bytes)
    }
}

fn encoded<'c>(alphabet: &Alphabet, sample: &Sample<'c>) -> Option<Sample<'c>> {
    Some(Sample::Text(Cow::Owned(alphabet.encode(sample.bytes()?))))
}

fn decoded<'c>(alphabet: &Alphabet, sample: Sample<'c>) -> Option<Sample<'c>> {
    let Sample::Text(text) = sample else { return None };
    Some(Sample::Binary(Cow::Owned(alphabet.decode(&text)?)))
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
        for (alphabet, is_padded) in [(COMMON, true), (URL, false)] {
            for length in 0..70_u8 {
                let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(37) ^ 0xa5).collect();
                let text = alphabet.encode(&bytes);
                assert!(text.len() % 4 == 0 || !is_padded, "{length}");
                assert_eq!(alphabet.decode(&text), Some(bytes), "{length}");
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
            assert_eq!(COMMON.decode(text.as_bytes()), None, "{text}");
        }
        for text in ["Z", "Zm9vZ", "Zm8+", "Zg==", "Zm8="] {
            assert_eq!(URL.decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(COMMON.decode(b"Zh==Zg=="), Some(b"ff".to_vec()));
        assert_eq!(URL.decode(b"Zh"), Some(b"f".to_vec()));
    }
}
