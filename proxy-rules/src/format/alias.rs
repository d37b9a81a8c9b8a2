//! Short names of values: `%ci`.

use std::borrow::Cow;
use std::fmt;

use proxy_config::Entry;

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
    pub fn all() -> impl ExactSizeIterator<Item = &'static AliasEntry> {
        AliasEntry::entries().iter()
    }

    /// The one of a name.
    pub fn find(name: &str) -> Option<&'static AliasEntry> {
        AliasEntry::entries().find(name)
    }
}

impl fmt::Debug for AliasEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AliasEntry({:?})", self.name)
    }
}

impl Entry for AliasEntry {
    const KIND: &'static str = "value of formats";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }
}

proxy_config::entries!(AliasEntry);
