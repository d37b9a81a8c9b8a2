//! `len`: the length of the sample is in a range.

use super::ranges::Ranges;
use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Length(Ranges);

impl Match for Length {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        sample
            .bytes()
            .is_some_and(|bytes| i64::try_from(bytes.len()).is_ok_and(|length| self.0.contain(length)))
    }
}

inventory::submit! {
    MatchEntry::new(
        "len",
        "[eq|ge|gt|le|lt] <number> | <low>:<high>",
        Type::Text,
        "its length in bytes is in one of the ranges",
        |patterns| Ok(Box::new(Length(Ranges::of(patterns)?))),
    )
    .suffix()
}

#[cfg(test)]
mod tests {
    use super::super::testing::matches;

    #[test]
    fn lengths() {
        assert_eq!(matches("len", &["3"], "abc"), Ok(true));
        assert_eq!(matches("len", &["gt", "3"], "abc"), Ok(false));
        assert_eq!(matches("len", &[":0"], ""), Ok(true));
    }
}
