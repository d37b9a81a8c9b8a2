//! Short names of values: `%ci`.

use std::fmt;

use crate::context::Context;
use crate::points::Need;
use crate::sample::Sample;

/// A short name that formats may use.
#[derive(Clone, Copy)]
pub struct AliasEntry {
    /// The letters behind `%`.
    pub name: &'static str,
    /// What has to be there.
    pub needs: Need,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// The value; `None` where there is none.
    pub get: for<'c> fn(&'c Context<'_>) -> Option<Sample<'c>>,
}

impl AliasEntry {
    /// One.
    pub const fn new(
        name: &'static str,
        needs: Need,
        help: &'static str,
        get: for<'c> fn(&'c Context<'_>) -> Option<Sample<'c>>,
    ) -> AliasEntry {
        AliasEntry { name, needs, help, since: "0.1", get }
    }

    /// All, by their names.
    pub fn all() -> Vec<&'static AliasEntry> {
        let mut all: Vec<_> = inventory::iter::<AliasEntry>.into_iter().collect();
        all.sort_by_key(|entry| entry.name);
        all
    }

    /// The one of a name.
    pub fn find(name: &str) -> Option<&'static AliasEntry> {
        inventory::iter::<AliasEntry>.into_iter().find(|entry| entry.name == name)
    }
}

impl fmt::Debug for AliasEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AliasEntry({:?})", self.name)
    }
}

inventory::collect!(AliasEntry);
