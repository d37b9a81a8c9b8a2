//! Helpers for the tests of matches.

use proxy_config::Sources;

use crate::matching::{MatchEntry, Pattern, Patterns};
use crate::regex::Budget;
use crate::sample::Sample;

/// Returns whether a text matches patterns, or what is wrong with them.
pub(super) fn matches(name: &str, patterns: &[&str], text: &str) -> Result<bool, String> {
    run(name, patterns, text, false)
}

/// The same as [`matches`], with `-i`.
pub(super) fn matches_any_case(name: &str, patterns: &[&str], text: &str) -> Result<bool, String> {
    run(name, patterns, text, true)
}

fn run(name: &str, patterns: &[&str], text: &str, ignore_case: bool) -> Result<bool, String> {
    let span = Sources::span(Sources::default().add("", ""), 1, 0, 0);
    let pattern = |text: &&str| Pattern { text: (*text).to_owned(), span, line: None };
    let patterns = Patterns { list: patterns.iter().map(pattern).collect(), ignore_case };
    let entry = MatchEntry::find(name).unwrap();
    let made = (entry.make)(&patterns).map_err(|problem| problem.message)?;
    let sample = Sample::Text(text.as_bytes().into());
    match sample.cast(entry.takes) {
        Some(sample) => made.compare(&sample, &Budget::default()).map_err(|failed| failed.to_string()),
        None => Ok(false),
    }
}
