//! Sections of the configuration that a transport brings, such as `link wifi`, and what was read of them.

use std::fmt;
use std::sync::Arc;

use super::undeclared::{Undeclared, undeclared};
use super::{KeywordError, Optional, Words};
use crate::extensions::Extensions;

/// A section that a crate brings: the word that begins it, and the keywords of its lines.
#[derive(Clone, Copy, Debug)]
pub struct SectionEntry {
    /// The word.
    pub name: &'static str,
    /// How a page shows the name that stands after the word, such as `<link>`. Two sections of one name are a mistake.
    /// `None`: sections of this word have no name, and all that a configuration has are one.
    pub title: Option<&'static str>,
    /// The keywords of its lines.
    pub keywords: &'static [SectionKeyword],
    /// One line of help.
    pub help: &'static str,
}

impl SectionEntry {
    /// A keyword of its lines.
    pub fn keyword(&self, name: &str) -> Option<&'static SectionKeyword> {
        self.keywords.iter().find(|keyword| keyword.name == name)
    }
}

/// A keyword of a section's lines.
#[derive(Clone, Copy)]
pub struct SectionKeyword {
    /// The word.
    pub name: &'static str,
    /// Its arguments as a page shows them; one word for each.
    pub arguments: &'static [&'static str],
    /// Arguments that may follow those.
    pub optional: Option<Optional>,
    /// One line of help.
    pub help: &'static str,
    /// Carries it out: stores a value of a type of the crate's own.
    pub apply: fn(&mut Extensions, &Words<'_>) -> Result<(), KeywordError>,
}

impl SectionKeyword {
    /// A word that it reads and does not declare.
    pub(crate) fn undeclared(&self) -> Option<Undeclared> {
        undeclared(self.arguments, |words| (self.apply)(&mut Extensions::default(), words))
    }

    /// The word and its arguments, as a page shows them.
    pub fn usage(&self) -> String {
        super::usage(self.name, self.arguments, self.optional)
    }
}

impl fmt::Debug for SectionKeyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SectionKeyword({:?})", self.name)
    }
}

/// A section as it was read.
#[derive(Clone, Debug)]
pub struct TransportSection {
    /// The word that began it.
    pub kind: &'static str,
    /// Its name; empty for one without.
    pub name: String,
    /// What its lines have stored.
    pub values: Extensions,
}

/// All sections of a configuration that transports bring, in its order. Every line of the configuration, every command
/// and every check gets the same; a copy is cheap.
#[derive(Clone, Debug, Default)]
pub struct TransportSections(Arc<[TransportSection]>);

impl TransportSections {
    /// All, in the order of the configuration.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &TransportSection> {
        self.0.iter()
    }

    /// The section of a word and a name; of one without a name, the empty one.
    pub fn find(&self, kind: &str, name: &str) -> Option<&TransportSection> {
        self.iter().find(|section| section.kind == kind && section.name == name)
    }

    /// The value of a type that the nameless section of a word has stored.
    pub fn get<T: Send + Sync + 'static>(&self, kind: &str) -> Option<&T> {
        self.find(kind, "")?.values.get()
    }
}

impl FromIterator<TransportSection> for TransportSections {
    fn from_iter<I: IntoIterator<Item = TransportSection>>(sections: I) -> TransportSections {
        TransportSections(sections.into_iter().collect())
    }
}
