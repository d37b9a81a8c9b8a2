//! `str`: the sample is one of the patterns.

use std::cmp::Ordering;

use super::case::Texts;
use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

/// The patterns, sorted since there may be many.
#[derive(Debug)]
struct Exact(Texts);

impl Match for Exact {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        let Some(bytes) = sample.bytes() else { return false };
        let compare = |pattern: &[u8]| -> Ordering {
            match self.0.ignore_case {
                true => pattern.iter().copied().cmp(bytes.iter().map(u8::to_ascii_lowercase)),
                false => pattern.cmp(bytes),
            }
        };
        self.0.list.binary_search_by(|pattern| compare(pattern)).is_ok()
    }
}

inventory::submit! {
    MatchEntry::new("str", "<text>", Type::Text, "it is one of the texts", |patterns| {
        let mut texts = Texts::of(patterns);
        texts.list.sort();
        texts.list.dedup();
        Ok(Box::new(Exact(texts)))
    })
    .suffix()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{matches, matches_any_case};

    #[test]
    fn one_of_many() {
        let patterns = ["b", "A", "abc", "", "abd", "ab"];
        for pattern in patterns {
            assert_eq!(matches("str", &patterns, pattern), Ok(true));
            assert_eq!(matches_any_case("str", &patterns, &pattern.to_uppercase()), Ok(true));
            assert_eq!(matches_any_case("str", &patterns, &pattern.to_lowercase()), Ok(true));
        }
        for other in ["B", "abcd", "c", "a"] {
            assert_eq!(matches("str", &patterns, other), Ok(false), "{other}");
        }
        assert_eq!(matches_any_case("str", &patterns, "abe"), Ok(false));
        assert_eq!(matches("str", &[], "a"), Ok(false));
    }
}
