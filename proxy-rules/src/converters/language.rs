//! `language`: the language of a list that a client prefers, as its `accept-language` says it.

use std::borrow::Cow;

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

/// The quality of a language without one, in thousandths.
const FULL: u16 = 1000;

#[derive(Debug)]
struct Language {
    /// The languages to choose from.
    known: Vec<Box<str>>,
    /// The choice if the client accepts none of them.
    default: Option<Box<str>>,
}

impl Language {
    /// Returns the first of the known languages that a range of the client covers. As in HAProxy a range covers the
    /// same language and, with a variant, the language without it; case matters.
    fn covered(&self, range: &[u8]) -> Option<&str> {
        let is_covered = |known: &&str| {
            range.strip_prefix(known.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b'-', ..]))
        };
        self.known.iter().map(|known| &**known).find(is_covered)
    }

    /// Returns the known language with the highest quality, the first of those that have the same.
    fn preferred(&self, accepted: &[u8]) -> Option<&str> {
        let (mut best, mut highest) = (None, 0);
        for element in accepted.split(|byte| *byte == b',') {
            let element = element.trim_ascii_start();
            let end = element.iter().position(|byte| *byte == b';' || byte.is_ascii_whitespace());
            let (range, rest) = element.split_at(end.unwrap_or(element.len()));
            let Some(known) = (!range.is_empty()).then(|| self.covered(range)).flatten() else { continue };
            let Some(quality) = quality(rest) else { continue };
            if quality > highest {
                (best, highest) = (Some(known), quality);
            }
        }
        best.filter(|known| !known.is_empty())
    }
}

/// Returns the quality after a range, in thousandths. Without a valid one it is full; `None` if something else than a
/// parameter follows the range.
fn quality(rest: &[u8]) -> Option<u16> {
    let parameter = match rest.trim_ascii_start() {
        [] => return Some(FULL),
        [b';', parameter @ ..] => parameter.trim_ascii_start(),
        _ => return None,
    };
    let value = parameter.strip_prefix(b"q").and_then(|rest| rest.trim_ascii_start().strip_prefix(b"="));
    Some(value.map_or(FULL, |value| thousandths(value.trim_ascii_start())))
}

/// Reads a number with up to three decimals, of which more are ignored.
fn thousandths(text: &[u8]) -> u16 {
    let digit = |byte: &u8| u16::from(byte - b'0');
    let [whole, rest @ ..] = text else { return FULL };
    if !whole.is_ascii_digit() {
        return FULL;
    }
    let decimals = rest.strip_prefix(b".").unwrap_or_default();
    let decimals = decimals.iter().take_while(|byte| byte.is_ascii_digit());
    let decimals = [100, 10, 1].iter().zip(decimals).map(|(unit, byte)| unit * digit(byte));
    FULL.min(digit(whole) * FULL + decimals.sum::<u16>())
}

impl Converter for Language {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(accepted) = sample else { return None };
        let language = self.preferred(&accepted).or(self.default.as_deref())?;
        Some(Sample::Text(Cow::Borrowed(language.as_bytes())))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "language",
        "<language>[;<language>..][,<default>]",
        Type::Text,
        Type::Text,
        "the language of a list that the client prefers",
        |inputs| {
            let known = inputs.text("languages with ';' between them")?.split(';').map(Box::from).collect();
            let default = inputs.take().map(|input| input.text.as_str().into());
            Ok(Box::new(Language { known, default }))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was compared with HAProxy 3.5-dev5.
    #[test]
    fn the_preferred_one() {
        for (known, accepted, expected) in [
            ("fr;en", "de", None),
            ("fr;en", "en;q=0.5,fr;q=0.7", Some("fr")),
            ("fr;en", "fr-CH, en;q=0.9", Some("fr")),
            ("fr-ch;en", "fr", None),
            ("fr;en;*", "*", Some("*")),
            ("FR", "fr", None),
            ("fr", "FR", None),
            ("en;fr", "fr;q=0.8 , en;q=0.8", Some("fr")),
            ("en", "en;q=0", None),
            ("en", "en;x", Some("en")),
            ("en;de", "en q, de", Some("de")),
            ("en", "en; q = 1.5", Some("en")),
            ("en;de", "en;q=0.1234,de;q=0.123", Some("en")),
            ("en;de", "en;q=.5,de;q=0.4", Some("en")),
            ("en-gb;en-us", "en;q=0.3,en-us", Some("en-us")),
            ("en", "en-gb", Some("en")),
            ("en", "eng", None),
            ("e", "en", None),
            ("", "en", None),
            ("en;", "x", None),
        ] {
            let language = Language { known: known.split(';').map(Box::from).collect(), default: None };
            assert_eq!(language.preferred(accepted.as_bytes()), expected, "{known}: {accepted}");
        }
    }
}
