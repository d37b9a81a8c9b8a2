//! All keywords that this binary understands, gathered once from the entries of the files that implement them.

use std::collections::BTreeMap;
use std::fmt;

use proto_core::Registry;

use crate::directive::{Check, Directive};
use crate::foreign;
pub use crate::parameter::LanguageError;
use crate::parameter::Parameters;
use crate::section::Kind;

const SECTIONS: &str = "sections";

/// The keywords of a binary.
#[derive(Clone, Default)]
pub struct Language {
    directives: BTreeMap<&'static str, &'static Directive>,
    /// The kinds of sections that any keyword is allowed in.
    kinds: Vec<Kind>,
    parameters: Parameters,
    checks: Vec<&'static Check>,
}

impl Language {
    /// Gathers all entries that are linked into this binary, for use with the transports of `registry`.
    ///
    /// # Errors
    /// Returns an error if two entries claim the same keyword, or if a transport claims one of HAProxy's.
    pub fn linked(registry: &Registry) -> Result<Language, LanguageError> {
        let mut language = Language::default();
        for entry in inventory::iter::<Directive> {
            if let Some(other) = language.directives.insert(entry.name, entry) {
                return Err(LanguageError::twice(entry.name, SECTIONS, entry.file, other.file));
            }
        }
        let allowed = |kind: &Kind| language.directives.values().any(|entry| entry.sections.has(*kind));
        language.kinds = Kind::ALL.into_iter().filter(allowed).collect();
        language.parameters = Parameters::linked(registry)?;
        language.check_sections(registry)?;
        language.checks = inventory::iter::<Check>.into_iter().collect();
        language.checks.sort_by_key(|check| check.name);
        Ok(language)
    }

    /// Checks that sections of transports and their keywords begin with words of their own: otherwise a line would
    /// have two meanings.
    fn check_sections(&self, registry: &Registry) -> Result<(), LanguageError> {
        let begins = |entry: &&&Directive, name: &str| entry.name.split(' ').next() == Some(name);
        let is_section = |name: &str| Kind::ALL.iter().any(|kind| kind.name() == name);
        for (origin, section) in registry.section_origins() {
            foreign::check_name("section", origin, foreign::Place::Section, section.name)?;
            if let Some(other) = self.directives.values().find(|entry| begins(entry, section.name)) {
                return Err(LanguageError::twice(section.name, SECTIONS, origin, other.file));
            }
            let keywords = section.keywords.iter().map(|keyword| keyword.name);
            if let Some(name) = keywords.clone().chain([section.name]).find(|word| is_section(word)) {
                return Err(LanguageError::twice(name, SECTIONS, origin, env!("CARGO_PKG_NAME")));
            }
            // A line that begins with such a word would begin a section.
            let other =
                registry.section_origins().find(|(_, other)| keywords.clone().any(|word| word == other.name));
            if let Some((whose, other)) = other {
                return Err(LanguageError::twice(other.name, SECTIONS, origin, whose));
            }
        }
        Ok(())
    }

    /// Returns the keyword that a line begins with, and the number of its words.
    pub fn directive(&self, first: &str, second: Option<&str>) -> Option<(&'static Directive, usize)> {
        // The pair comes first: `stats socket` is not `stats` with an argument.
        let pair = second.map(|second| format!("{first} {second}"));
        let found = pair.as_deref().and_then(|pair| self.directives.get(pair)).map(|found| (*found, 2));
        found.or_else(|| self.directives.get(first).map(|found| (*found, 1)))
    }

    /// Returns all keywords of sections, by name.
    pub fn directives(&self) -> impl Iterator<Item = &'static Directive> {
        self.directives.values().copied()
    }

    /// Returns the keywords that are allowed in a kind of section.
    pub fn directives_of(&self, kind: Kind) -> impl Iterator<Item = &'static Directive> {
        self.directives().filter(move |entry| entry.sections.has(kind))
    }

    /// Returns the kinds of sections: those that any keyword is allowed in.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.kinds.iter().copied()
    }

    /// Returns the parameters of bind and server lines.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Returns the checks of the whole configuration, by name.
    pub fn checks(&self) -> impl Iterator<Item = &'static Check> {
        self.checks.iter().copied()
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Language({} directives, {} parameters)",
            self.directives.len(),
            self.parameters.iter().count()
        )
    }
}
