//! `url_dec`, `url_enc`: decodes and encodes bytes as `%20`.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::escape::digit;
use crate::sample::{Sample, Type};

/// Decodes. After the first question mark a plus is a space; with `everywhere`, before it, too.
#[derive(Debug)]
struct Decode {
    everywhere: bool,
}

impl Decode {
    /// Decodes in place; returns `None` if a percent sign is not followed by two digits.
    fn decode(&self, mut text: Vec<u8>) -> Option<Vec<u8>> {
        let (mut spaces, mut written, mut at) = (self.everywhere, 0, 0);
        while let Some(&byte) = text.get(at) {
            at += 1;
            text[written] = match byte {
                b'+' if spaces => b' ',
                b'%' => {
                    let (high, low) = (digit(*text.get(at)?)?, digit(*text.get(at + 1)?)?);
                    at += 2;
                    high << 4 | low
                }
                byte => {
                    spaces |= byte == b'?';
                    byte
                }
            };
            written += 1;
        }
        text.truncate(written);
        Some(text)
    }
}

impl Converter for Decode {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        if memchr::memchr2(b'%', b'+', &text).is_none() {
            return Some(Sample::Text(text));
        }
        Some(Sample::Text(Cow::Owned(self.decode(text.into_owned())?)))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "url_dec",
        "[<form>]",
        Type::Text,
        Type::Text,
        "what %XX and, in a query, '+' stand for; with another number than 0, '+' is a space everywhere",
        |inputs| {
            let everywhere = inputs.number_or(0, i64::MIN..=i64::MAX, "a number")? != 0;
            Ok(Box::new(Decode { everywhere }))
        },
    )
}

/// Encodes everything but letters, digits and the marks that never have a meaning in a URL (RFC 3986, section 2.3).
#[derive(Debug)]
struct Encode;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Converter for Encode {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        let encoded: Cow<'_, str> = percent_encode(&text, RESERVED).into();
        match encoded {
            Cow::Borrowed(_) => Some(Sample::Text(text)),
            Cow::Owned(encoded) => Some(Sample::Text(Cow::Owned(encoded.into_bytes()))),
        }
    }
}

inventory::submit! {
    ConverterEntry::new(
        "url_enc",
        "[query]",
        Type::Text,
        Type::Text,
        "with %XX for what has a meaning in a URL",
        |inputs| match inputs.take() {
            Some(input) if input.text != "query" => Err(inputs.bad(input, "'query'")),
            _ => Ok(Box::new(Encode)),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding() {
        for (everywhere, text, decoded) in [
            (false, "/a+%20?b%3Dc%2B4+2%20", Some("/a+ ?b=c+4 2 ")),
            (true, "/a+%20?b%3Dc%2B4+2%20", Some("/a  ?b=c+4 2 ")),
            (false, "%3f+", Some("?+")),
            (false, "%4", None),
            (false, "%", None),
            (false, "a%zz", None),
        ] {
            let found = Decode { everywhere }.decode(text.into());
            assert_eq!(found, decoded.map(|text| text.as_bytes().to_vec()), "{text}");
        }
    }
}
