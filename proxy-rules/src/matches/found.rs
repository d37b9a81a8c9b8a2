//! `found`: there is a sample.

use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Found;

impl Match for Found {
    fn matches(&self, _sample: &Sample<'_>) -> bool {
        true
    }
}

inventory::submit! {
    MatchEntry::new("found", "", Type::Any, "there is a sample, whatever it is", |_| Ok(Box::new(Found)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::matches;

    #[test]
    fn whatever_is_there() {
        assert!(matches("found", &[], "").unwrap());
    }
}
