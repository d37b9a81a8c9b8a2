//! `bool`: the sample is true, or not 0.

use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct True;

impl Match for True {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        matches!(sample, Sample::Bool(true))
    }
}

inventory::submit! {
    MatchEntry::new("bool", "", Type::Bool, "it is true, or a number that is not 0", |_| Ok(Box::new(True)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::matches;

    #[test]
    fn numbers_are_true_but_for_0() {
        for (text, truth) in [("1", true), ("-3x", true), ("0", false), ("", false), ("yes", false)] {
            assert_eq!(matches("bool", &[], text), Ok(truth), "{text}");
        }
    }
}
