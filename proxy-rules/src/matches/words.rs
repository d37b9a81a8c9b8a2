//! `dir` and `dom`: a pattern is one or more whole words of the sample, between slashes, or between slashes and dots.

use super::case::Texts;
use crate::matching::{Comparison, Match, MatchEntry};
use crate::sample::{Sample, Type};

/// Patterns, and the delimiters between words.
#[derive(Debug)]
struct Words {
    texts: Texts,
    delimiters: &'static [u8],
}

impl Words {
    fn is_delimiter(&self, byte: u8) -> bool {
        self.delimiters.contains(&byte)
    }

    fn stands_in(&self, pattern: &[u8], bytes: &[u8]) -> bool {
        let ends = |at: usize| bytes.get(at).is_none_or(|byte| self.is_delimiter(*byte));
        let begins = |at: usize| at == 0 || self.is_delimiter(bytes[at - 1]);
        // A word does not begin with a delimiter.
        (0..bytes.len()).filter(|at| begins(*at) && !self.is_delimiter(bytes[*at])).any(|at| {
            let end = at + pattern.len();
            bytes.get(at..end).is_some_and(|part| self.texts.equal(pattern, part)) && ends(end)
        })
    }
}

impl Match for Words {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        let Some(bytes) = sample.bytes() else { return false };
        self.texts.any(|pattern| self.stands_in(pattern, bytes))
    }
}

fn make(patterns: &crate::matching::Patterns, delimiters: &'static [u8]) -> Box<dyn Comparison> {
    let mut texts = Texts::of(patterns);
    for text in &mut texts.list {
        let inner = |byte: &u8| !delimiters.contains(byte);
        let begin = text.iter().position(inner).unwrap_or(text.len());
        let end = text.iter().rposition(inner).map_or(begin, |last| last + 1);
        *text = text[begin..end].into();
    }
    Box::new(Words { texts, delimiters })
}

inventory::submit! {
    MatchEntry::new("dir", "<text>", Type::Text, "one of the texts is a part of it between slashes", |patterns| {
        Ok(make(patterns, b"/?"))
    })
    .suffix()
}

inventory::submit! {
    MatchEntry::new("dom", "<text>", Type::Text, "one of the texts is a part of it between points", |patterns| {
        Ok(make(patterns, b"/?.:"))
    })
    .suffix()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{matches, matches_any_case};

    /// Each was compared with HAProxy.
    #[test]
    fn whole_words() {
        for (text, truth) in [
            ("/a/img/b", true),
            ("/img", true),
            ("img/", true),
            ("/img?x", true),
            ("/imgs/", false),
            ("/aimg/", false),
            ("/a/IMG/", false),
            ("", false),
        ] {
            assert_eq!(matches("dir", &["img"], text), Ok(truth), "{text}");
            assert_eq!(matches("dir", &["/img/"], text), Ok(truth), "{text}");
        }
        for (text, truth) in [
            ("www.example.com", true),
            ("example.com", true),
            ("example.com:80", true),
            ("example.com.au", true),
            ("notexample.com", false),
            ("example.community", false),
        ] {
            assert_eq!(matches("dom", &["example.com"], text), Ok(truth), "{text}");
            assert_eq!(matches_any_case("dom", &[".Example.COM."], text), Ok(truth), "{text}");
        }
        assert_eq!(matches("dir", &["a/b"], "/x/a/b/c"), Ok(true));
    }
}
