//! `reg`: a regular expression fits somewhere in the sample.

use proxy_config::{Diagnostic, Parsed, Span};
use regex::bytes::{Regex, RegexBuilder};

use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

/// Compiles a regular expression. It is of bytes, so that what comes in need not be of any encoding.
///
/// # Errors
/// When it is none, or one of those that take more than linear time.
pub(crate) fn regex(text: &str, ignore_case: bool, span: Span) -> Parsed<Regex> {
    let built = RegexBuilder::new(text).unicode(false).case_insensitive(ignore_case).build();
    built.map_err(|error| {
        let problem = Diagnostic::alert(span, format!("'{text}' is not a regular expression"));
        let message = error.to_string();
        // The last line says what is wrong; those before it draw a picture.
        let reason = message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Box::new(problem.help(reason))
    })
}

#[derive(Debug)]
struct Regular(Vec<Regex>);

impl Match for Regular {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        sample.bytes().is_some_and(|bytes| self.0.iter().any(|regex| regex.is_match(bytes)))
    }
}

inventory::submit! {
    MatchEntry::new("reg", "<regex>", Type::Text, "one of the regular expressions fits in it", |patterns| {
        let compiled = patterns.list.iter().map(|one| regex(&one.text, patterns.ignore_case, one.span));
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
        assert_eq!(matches("reg", &[r"(a)\1"], "aa"), Err(r"'(a)\1' is not a regular expression".into()));
    }
}
