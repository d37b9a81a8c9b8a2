//! Matches: what compares a sample with patterns. `-m <name>` chooses one, `path_beg` names one with its fetch.

use std::borrow::Cow;
use std::fmt;

use proxy_config::{Diagnostic, Entry, Mistake, Parsed, Span};

use crate::regex::Failed;
use crate::sample::{Sample, Type};

/// Compares samples with the patterns it was made of, which may be too much to do.
pub trait Comparison: fmt::Debug + Send + Sync {
    /// Whether one of the patterns fits. The sample has the type that the entry takes.
    ///
    /// # Errors
    /// When that cannot be found out in time.
    fn compare(&self, sample: &Sample<'_>) -> Result<bool, Failed>;
}

impl<T: Match> Comparison for T {
    fn compare(&self, sample: &Sample<'_>) -> Result<bool, Failed> {
        Ok(self.matches(sample))
    }
}

/// A comparison that always comes to something.
pub trait Match: fmt::Debug + Send + Sync {
    /// Whether one of the patterns fits. The sample has the type that the entry takes.
    fn matches(&self, sample: &Sample<'_>) -> bool;
}

/// A pattern as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// What it says.
    pub text: String,
    /// Where it stands; for one of a file the place where the file is named.
    pub span: Span,
}

/// What a match is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    /// The patterns.
    pub list: Vec<Pattern>,
    /// `-i`: small and capital letters are the same.
    pub ignore_case: bool,
}

impl Patterns {
    /// A mistake about one of them.
    pub fn bad(&self, pattern: &Pattern, what: &str) -> Mistake {
        let message = format!("'{}' is not {what}", pattern.text);
        Box::new(Diagnostic::alert(pattern.span, message))
    }
}

/// A match that ACLs may name.
#[derive(Clone, Copy)]
pub struct MatchEntry {
    /// The word behind `-m`.
    pub name: &'static str,
    /// The types of samples it takes; a sample is made the first of them that it can be.
    pub takes: Type,
    /// Whether a fetch and this word make a word of their own: `path_beg`.
    pub suffix: bool,
    /// What its patterns are, as a page shows it; empty if it has none.
    pub patterns: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// Makes one.
    pub make: fn(&Patterns) -> Parsed<Box<dyn Comparison>>,
}

impl MatchEntry {
    /// One.
    pub const fn new(
        name: &'static str,
        patterns: &'static str,
        takes: Type,
        help: &'static str,
        make: fn(&Patterns) -> Parsed<Box<dyn Comparison>>,
    ) -> MatchEntry {
        MatchEntry { name, takes, suffix: false, patterns, help, since: "0.1", make }
    }

    /// That `<fetch>_<name>` is a word.
    #[must_use]
    pub const fn suffix(self) -> MatchEntry {
        MatchEntry { suffix: true, ..self }
    }

    /// All, by their names.
    pub fn all() -> impl ExactSizeIterator<Item = &'static MatchEntry> {
        MatchEntry::entries().iter()
    }

    /// The one of a name.
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
