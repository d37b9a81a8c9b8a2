//! `sub`: a pattern occurs in the sample.

use super::case::Texts;
use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Substring(Texts);

impl Match for Substring {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        let Some(bytes) = sample.bytes() else { return false };
        self.0.any(|pattern| match self.0.ignore_case {
            false => memchr::memmem::find(bytes, pattern).is_some(),
            true => {
                pattern.is_empty()
                    || bytes.windows(pattern.len()).any(|part| pattern.eq_ignore_ascii_case(part))
            }
        })
    }
}

inventory::submit! {
    MatchEntry::new("sub", "<text>", Type::Text, "one of the texts stands in it", |patterns| {
        Ok(Box::new(Substring(Texts::of(patterns))))
    })
    .suffix()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{matches, matches_any_case};

    #[test]
    fn somewhere() {
        for (text, truth) in [("abc", true), ("xabcx", true), ("ab", false), ("aBc", false)] {
            assert_eq!(matches("sub", &["none", "abc"], text), Ok(truth), "{text}");
        }
        assert_eq!(matches_any_case("sub", &["aBc"], "xAbCx"), Ok(true));
        assert_eq!(matches_any_case("sub", &["aBc"], "ab"), Ok(false));
    }
}
