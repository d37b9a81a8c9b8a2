//! Aliases in formats, such as `%ci`.

use std::borrow::Cow;
use std::fmt;

use proxy_config::Entry;

use super::field::Field;
use crate::context::Context;
use crate::points::Need;

/// Writes a value. If there is none, the function tells the field, or writes nothing.
pub type WriteAlias = fn(&Context<'_>, &mut Field<'_>);

/// An alias that formats may use.
#[derive(Clone, Copy)]
pub struct AliasEntry {
    /// The letters after `%`.
    pub name: &'static str,
    /// What the alias needs.
    pub needs: Need,
    /// Whether the value is known only at the end of a session or exchange. A format without such aliases is written as
    /// soon as all of its values are known.
    pub at_end: bool,
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid with this alias.
    pub since: &'static str,
    /// Writes the value.
    pub write: WriteAlias,
}

impl AliasEntry {
    /// Creates an entry.
    pub const fn new(name: &'static str, needs: Need, help: &'static str, write: WriteAlias) -> AliasEntry {
        AliasEntry { name, needs, at_end: false, help, since: "0.1", write }
    }

    /// Marks the value as known only at the end.
    #[must_use]
    pub const fn at_end(self) -> AliasEntry {
        AliasEntry { at_end: true, ..self }
    }

    /// Returns all aliases, sorted by name.
    pub fn all() -> impl ExactSizeIterator<Item = &'static AliasEntry> {
        AliasEntry::entries().iter()
    }

    /// Returns the alias with this name.
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
