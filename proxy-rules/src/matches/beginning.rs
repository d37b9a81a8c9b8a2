//! `beg`: the sample begins with a pattern.

use super::case::Texts;
use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Beginning(Texts);

impl Match for Beginning {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        let Some(bytes) = sample.bytes() else { return false };
        self.0.any(|pattern| {
            let part = bytes.get(..pattern.len());
            part.is_some_and(|part| self.0.equal(pattern, part))
        })
    }
}

inventory::submit! {
    MatchEntry::new("beg", "<text>", Type::Text, "it begins with one of the texts", |patterns| {
        Ok(Box::new(Beginning(Texts::of(patterns))))
    })
    .suffix()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{matches, matches_any_case};

    #[test]
    fn beginnings() {
        for (text, truth) in
            [("/api", true), ("/api/x", true), ("/ap", false), ("/API", false), ("x/api", false)]
        {
            assert_eq!(matches("beg", &["/none", "/api"], text), Ok(truth), "{text}");
        }
        assert_eq!(matches_any_case("beg", &["/Api"], "/aPI/x"), Ok(true));
    }
}
