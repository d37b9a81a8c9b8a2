//! `end`: the sample ends with a pattern.

use super::case::Texts;
use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Ending(Texts);

impl Match for Ending {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        let Some(bytes) = sample.bytes() else { return false };
        self.0.any(|pattern| {
            let part = bytes.len().checked_sub(pattern.len()).and_then(|from| bytes.get(from..));
            part.is_some_and(|part| self.0.equal(pattern, part))
        })
    }
}

inventory::submit! {
    MatchEntry::new("end", "<text>", Type::Text, "it ends with one of the texts", |patterns| {
        Ok(Box::new(Ending(Texts::of(patterns))))
    })
    .suffix()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{matches, matches_any_case};

    #[test]
    fn endings() {
        for (text, truth) in
            [(".gif", true), ("a.gif", true), ("gif", false), ("a.GIF", false), ("a.gifs", false)]
        {
            assert_eq!(matches("end", &[".png", ".gif"], text), Ok(truth), "{text}");
        }
        assert_eq!(matches_any_case("end", &[".Gif"], "a.GIF"), Ok(true));
    }
}
