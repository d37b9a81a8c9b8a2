//! `reg`: a regular expression matches somewhere in the sample.

use proxy_config::Parsed;

use crate::matching::{Comparison, MatchEntry};
use crate::regex::{Budget, Failed, Flavour, Regex};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Regular(Vec<Regex>);

impl Comparison for Regular {
    /// One that matches settles it, even if others would fail.
    fn compare(&self, sample: &Sample<'_>, budget: &Budget) -> Result<bool, Failed> {
        let Some(bytes) = sample.bytes() else { return Ok(false) };
        let mut outcome = Ok(false);
        for regex in &self.0 {
            match regex.is_match(bytes, budget) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(failed) => outcome = Err(failed),
            }
        }
        outcome
    }
}

inventory::submit! {
    MatchEntry::new("reg", "<regex>", Type::Text, "one of the regular expressions fits in it", |patterns| {
        let flavour = Flavour { ignore_case: patterns.ignore_case, no_groups: true };
        let compiled = patterns.list.iter().map(|one| Regex::new(&one.text, flavour, one.span));
        Ok(Box::new(Regular(compiled.collect::<Parsed<_>>()?)))
    })
    .suffix()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{matches, matches_any_case};

    #[test]
    fn expressions() {
        assert_eq!(matches("reg", &["^/a", "b$"], "/ab"), Ok(true));
        assert_eq!(matches("reg", &["^a", "b$"], "/b/"), Ok(false));
        assert_eq!(matches("reg", &["B"], "abc"), Ok(false));
        assert_eq!(matches_any_case("reg", &["B"], "abc"), Ok(true));
        assert_eq!(matches("reg", &["a(b"], "abc"), Err("'a(b' is not a regular expression".into()));
        // Only named groups are groups here, as in HAProxy.
        assert_eq!(matches("reg", &[r"(a)\1"], "aa"), Err(r"'(a)\1' is not a regular expression".into()));
        assert_eq!(matches("reg", &[r"(?<x>a)\k<x>"], "aa"), Ok(true));
    }

    #[test]
    fn one_that_fits_settles_it_after_one_that_takes_too_long() {
        let long = format!("{}b", "a".repeat(64));
        assert_eq!(matches("reg", &["^(a+)+$"], &long), Err("a regular expression took too long".into()));
        assert_eq!(matches("reg", &["^(a+)+$", "b$"], &long), Ok(true));
    }
}
