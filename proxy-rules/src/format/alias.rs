//! Short names of values: `%ci`.

use std::borrow::Cow;
use std::fmt;

use proxy_config::Entry;

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
