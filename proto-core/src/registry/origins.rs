//! Whose the keywords and samples are: for checks that also know the words of the program around the transports.

use super::Registry;
use crate::extension::{Keyword, SampleFetch, SectionEntry};

impl Registry {
    /// All keywords by name, each after the crate that registered it.
    pub fn keyword_origins(&self) -> impl Iterator<Item = (&'static str, &Keyword)> {
        self.keywords.values().flatten().map(|entry| (entry.origin, &entry.item))
    }

    /// All samples by name, each after the crate that registered it.
    pub fn sample_origins(&self) -> impl Iterator<Item = (&'static str, &SampleFetch)> {
        self.samples.values().map(|entry| (entry.origin, &entry.item))
    }

    /// All sections by name, each after the crate that registered it.
    pub fn section_origins(&self) -> impl Iterator<Item = (&'static str, &SectionEntry)> {
        self.sections.values().map(|entry| (entry.origin, &entry.item))
    }
}
