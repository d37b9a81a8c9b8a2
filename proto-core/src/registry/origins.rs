//! The origins of keywords, samples and sections, for checks that also know the words of the program around the
//! transports.

use super::Registry;
use crate::extension::{Keyword, SampleFetch, SectionEntry};

impl Registry {
    /// Returns all keywords by name, each with the crate that registered it.
    pub fn keyword_origins(&self) -> impl Iterator<Item = (&'static str, &Keyword)> {
        self.keywords.values().flatten().map(|entry| (entry.origin, &entry.item))
    }

    /// Returns all samples by name, each with the crate that registered it.
    pub fn sample_origins(&self) -> impl Iterator<Item = (&'static str, &SampleFetch)> {
        self.samples.values().map(|entry| (entry.origin, &entry.item))
    }

    /// Returns all sections by name, each with the crate that registered it.
    pub fn section_origins(&self) -> impl Iterator<Item = (&'static str, &SectionEntry)> {
        self.sections.values().map(|entry| (entry.origin, &entry.item))
    }
}
