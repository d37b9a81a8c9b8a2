//! Sections of the configuration that a transport registers, such as `link wifi`, and their contents.

use std::fmt;
use std::sync::Arc;

use super::undeclared::{Undeclared, undeclared};
use super::{KeywordError, Optional, Words};
use crate::extensions::Extensions;

/// A section that a crate registers: the word that begins it, and the keywords of its lines.
#[derive(Clone, Copy, Debug)]
pub struct SectionEntry {
    /// The word that begins it.
    pub name: &'static str,
    /// How documentation shows the name after the word, such as `<link>`. Two sections with the same name are an
    /// error. `None` if sections with this word have no name; all of them in a configuration then form one section.
    pub title: Option<&'static str>,
    /// The keywords of its lines.
    pub keywords: &'static [SectionKeyword],
    /// One line of help.
    pub help: &'static str,
}

impl SectionEntry {
    /// Returns the keyword with this name, or `None`.
    pub fn keyword(&self, name: &str) -> Option<&'static SectionKeyword> {
        self.keywords.iter().find(|keyword| keyword.name == name)
    }
}

/// A keyword of a section's lines.
#[derive(Clone, Copy)]
pub struct SectionKeyword {
    /// The word that names it.
    pub name: &'static str,
    /// Its arguments as documentation shows them, one for each word.
    pub arguments: &'static [&'static str],
    /// Optional arguments after those.
    pub optional: Option<Optional>,
    /// One line of help.
    pub help: &'static str,
    /// Applies it: stores a value of one of the crate's own types.
    pub apply: fn(&mut Extensions, &Words<'_>) -> Result<(), KeywordError>,
}

impl SectionKeyword {
    /// Returns a word that the keyword reads but does not declare, if there is one.
    pub(crate) fn undeclared(&self) -> Option<Undeclared> {
        undeclared(self.arguments, |words| (self.apply)(&mut Extensions::default(), words))
    }

    /// Returns the keyword and its arguments, as documentation shows them.
    pub fn usage(&self) -> String {
        super::usage(self.name, self.arguments, self.optional)
    }
}

impl fmt::Debug for SectionKeyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SectionKeyword({:?})", self.name)
    }
}

/// A section that was read.
#[derive(Clone, Debug)]
pub struct TransportSection {
    /// The word that began it.
    pub kind: &'static str,
    /// The name, empty if the section has none.
    pub name: String,
    /// The values that its lines stored.
    pub values: Extensions,
}

/// All sections of a configuration that transports registered, in the order of the configuration. Every line, command
/// and check shares the same value; a clone is cheap.
#[derive(Clone, Debug, Default)]
pub struct TransportSections(Arc<[TransportSection]>);

impl TransportSections {
    /// Returns an iterator over all sections, in the order of the configuration.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &TransportSection> {
        self.0.iter()
    }

    /// Returns the section with this word and this name, which is empty for a section without a name.
    pub fn find(&self, kind: &str, name: &str) -> Option<&TransportSection> {
        self.iter().find(|section| section.kind == kind && section.name == name)
    }

    /// Returns the value of type `T` that the unnamed section with this word stored.
    pub fn get<T: Send + Sync + 'static>(&self, kind: &str) -> Option<&T> {
        self.find(kind, "")?.values.get()
    }
}

impl FromIterator<TransportSection> for TransportSections {
    fn from_iter<I: IntoIterator<Item = TransportSection>>(sections: I) -> TransportSections {
        TransportSections(sections.into_iter().collect())
    }
}
