//! Matches, which compare a sample with patterns. `-m <name>` chooses one, `path_beg` names one together with its
//! fetch.

use std::borrow::Cow;
use std::fmt;

use proxy_config::{Diagnostic, Entry, Mistake, Parsed, Span};

use crate::regex::{Budget, Failed};
use crate::sample::{Sample, Type};

/// Compares samples with its patterns, which may take too long.
pub trait Comparison: fmt::Debug + Send + Sync {
    /// Returns whether one of the patterns matches. The sample has the type that the entry takes, and the budget is the
    /// time that is left for regular expressions.
    ///
    /// # Errors
    /// Returns an error if the result cannot be determined in time.
    fn compare(&self, sample: &Sample<'_>, budget: &Budget) -> Result<bool, Failed>;
}

impl<T: Match> Comparison for T {
    fn compare(&self, sample: &Sample<'_>, _: &Budget) -> Result<bool, Failed> {
        Ok(self.matches(sample))
    }
}

/// A comparison that cannot fail.
pub trait Match: fmt::Debug + Send + Sync {
    /// Returns whether one of the patterns matches. The sample has the type that the entry takes.
    fn matches(&self, sample: &Sample<'_>) -> bool;
}

/// A pattern as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The text.
    pub text: String,
    /// The place of the pattern; for one in a file, the place where the file is named.
    pub span: Span,
    /// The number of the line, for a pattern in a file.
    pub line: Option<usize>,
}

/// The patterns and flags from which a match is created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    /// The patterns.
    pub list: Vec<Pattern>,
    /// `-i`: case is ignored.
    pub ignore_case: bool,
}

impl Patterns {
    /// Creates an alert about one of the patterns.
    pub fn bad(&self, pattern: &Pattern, what: &str) -> Mistake {
        let message = format!("'{}' is not {what}", pattern.text);
        Box::new(Diagnostic::alert(pattern.span, message))
    }
}

/// A match that ACLs may name.
#[derive(Clone, Copy)]
pub struct MatchEntry {
    /// The name after `-m`.
    pub name: &'static str,
    /// The type to which samples are converted.
    pub takes: Type,
    /// Whether the name may be a suffix of a fetch: `path_beg`.
    pub suffix: bool,
    /// Whether `-m` may name it. If not, it is only the default for samples of its type.
    pub chosen: bool,
    /// The patterns as the documentation shows them; empty if there are none.
    pub patterns: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid with this match.
    pub since: &'static str,
    /// Creates the match.
    pub make: fn(&Patterns) -> Parsed<Box<dyn Comparison>>,
}

impl MatchEntry {
    /// Creates an entry.
    pub const fn new(
        name: &'static str,
        patterns: &'static str,
        takes: Type,
        help: &'static str,
        make: fn(&Patterns) -> Parsed<Box<dyn Comparison>>,
    ) -> MatchEntry {
        MatchEntry { name, takes, suffix: false, chosen: true, patterns, help, since: "0.1", make }
    }

    /// Allows `<fetch>_<name>` as a word.
    #[must_use]
    pub const fn suffix(self) -> MatchEntry {
        MatchEntry { suffix: true, ..self }
    }

    /// Excludes it from what `-m` may name.
    #[must_use]
    pub const fn only_default(self) -> MatchEntry {
        MatchEntry { chosen: false, ..self }
    }

    /// Returns the matches that `-m` may name, sorted by name.
    pub fn to_choose() -> impl Iterator<Item = &'static MatchEntry> {
        MatchEntry::all().filter(|entry| entry.chosen)
    }

    /// Returns all matches, sorted by name.
    pub fn all() -> impl ExactSizeIterator<Item = &'static MatchEntry> {
        MatchEntry::entries().iter()
    }

    /// Returns the match with this name.
    pub fn find(name: &str) -> Option<&'static MatchEntry> {
        MatchEntry::entries().find(name)
    }
}

impl fmt::Debug for MatchEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MatchEntry({:?} of {})", self.name, self.takes)
    }
}

impl Entry for MatchEntry {
    const KIND: &'static str = "match";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }
}

proxy_config::entries!(MatchEntry);
