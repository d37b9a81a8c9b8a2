//! `int`: the sample is a number in a range.

use super::ranges::Ranges;
use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
pub(super) struct Within(pub(super) Ranges);

impl Match for Within {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        matches!(sample, Sample::Integer(number) if self.0.contain(*number))
    }
}

inventory::submit! {
    MatchEntry::new(
        "int",
        "[eq|ge|gt|le|lt] <number> | <low>:<high>",
        Type::Integer,
        "it is a number in one of the ranges",
        |patterns| Ok(Box::new(Within(Ranges::of(patterns)?))),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::matches;

    /// Each was compared with HAProxy.
    #[test]
    fn ranges_and_operators() {
        let table: &[(&[&str], &[&str], &[&str])] = &[
            (&["5"], &["5"], &["4", "6", "-5"]),
            (&["5", "7"], &["5", "7"], &["6"]),
            (&["5:7"], &["5", "6", "7"], &["4", "8"]),
            (&["5-7"], &["5", "6", "7"], &["4", "8"]),
            (&[":7"], &["7", "0", "-9"], &["8"]),
            (&["-7"], &["7", "0", "-9"], &["8"]),
            (&["7:"], &["7", "99"], &["6"]),
            (&["gt", "5"], &["6"], &["5", "4"]),
            (&["ge", "5"], &["6", "5"], &["4"]),
            (&["lt", "5"], &["4"], &["5", "6"]),
            (&["le", "5"], &["4", "5"], &["6"]),
            (&["gt", "90", "lt", "10"], &["91", "9"], &["10", "50", "90"]),
            (&["gt", "90", "5:6"], &["91", "5"], &["7"]),
            (&["gt", "90", "eq", "5"], &["91", "5"], &["7"]),
        ];
        for (patterns, yes, no) in table {
            for text in *yes {
                assert_eq!(matches("int", patterns, text), Ok(true), "{text} in {patterns:?}");
            }
            for text in *no {
                assert_eq!(matches("int", patterns, text), Ok(false), "{text} in {patterns:?}");
            }
        }
        for bad in ["x", "5x", ":", "-", "7:5", "5:x", "99999999999999999999", "1.5"] {
            let message = format!("'{bad}' is not a number or a range of numbers");
            assert_eq!(matches("int", &[bad], "1"), Err(message));
        }
    }
}
