//! Short names of values: `%ci`.

use std::fmt;

use super::field::Field;
use crate::context::Context;
use crate::points::Need;

/// Writes a value. Where there is none, it says so to the field, or writes nothing.
pub type WriteAlias = fn(&Context<'_>, &mut Field<'_>);

/// A short name that formats may use.
#[derive(Clone, Copy)]
pub struct AliasEntry {
    /// The letters after `%`.
    pub name: &'static str,
    /// What has to be there.
    pub needs: Need,
    /// Whether it is known only at the end of a session or exchange. A format without such names is written as soon as
    /// what it has is known.
    pub at_end: bool,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// Writes the value.
    pub write: WriteAlias,
}

impl AliasEntry {
    /// One.
    pub const fn new(name: &'static str, needs: Need, help: &'static str, write: WriteAlias) -> AliasEntry {
        AliasEntry { name, needs, at_end: false, help, since: "0.1", write }
    }

    /// One that is known only at the end.
    #[must_use]
    pub const fn at_end(self) -> AliasEntry {
        AliasEntry { at_end: true, ..self }
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
