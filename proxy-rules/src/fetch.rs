//! Fetches: what takes a sample from a session or a message.
//!
//! ```ignore
//! inventory::submit! {
//!     FetchEntry::new("status", "", Type::Integer, Need::ResponseLine, "the status of the response", |inputs| {
//!         Ok(Box::new(Status))
//!     })
//! }
//! ```

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

use proxy_config::{Entry, Parsed};

use crate::context::Context;
use crate::inputs::Inputs;
use crate::matching::MatchEntry;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// Takes a sample. What it gives is borrowed from the context wherever it stands there.
pub trait Fetch: fmt::Debug + Send + Sync {
    /// The sample; `None` where there is no such thing.
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>>;

    /// Whether it comes to ask the ACL of a name.
    fn asks(&self, acl: &str) -> bool {
        let _ = acl;
        false
    }

    /// Whether it looks at the server's connection itself, of which something has to be kept for it then.
    fn reads_server(&self) -> bool {
        false
    }

    /// Whether it changes until the session or exchange ends: a log line that has it waits for that.
    fn tells_end(&self) -> bool {
        false
    }

    /// Whether more has to come, or time to pass, before it can be said what there is. Content rules wait for it.
    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        let _ = context;
        false
    }

    /// Shows every occurrence, until `visit` says `true`; says whether it did.
    ///
    /// What there can be only one of has nothing to add.
    fn each<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(Sample<'c>) -> bool) -> bool {
        self.get(context).is_some_and(visit)
    }
}

/// A fetch that expressions may name.
#[derive(Clone, Copy)]
pub struct FetchEntry {
    /// The word.
    pub name: &'static str,
    /// Other words for the same. Only `name` is listed.
    pub aliases: &'static [&'static str],
    /// What stands before `_beg`, `_sub` and the other matches in words of their own: `path` of `path_beg`.
    pub derived: Option<&'static str>,
    /// The match of a test that names none; the one of the type without.
    pub matching: Option<&'static MatchEntry>,
    /// What stands in its parentheses as a page shows it; may be empty.
    pub arguments: &'static str,
    /// The type of what it gives.
    pub gives: Type,
    /// What has to be there.
    pub needs: Need,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// The source file that makes the entry, as the compiler knows it.
    pub file: &'static str,
    /// Makes one. Arguments that are left over are a mistake, told by the caller.
    pub make: fn(&mut Inputs<'_>) -> Parsed<Box<dyn Fetch>>,
}

impl FetchEntry {
    /// One.
    #[track_caller]
    pub const fn new(
        name: &'static str,
        arguments: &'static str,
        gives: Type,
        needs: Need,
        help: &'static str,
        make: fn(&mut Inputs<'_>) -> Parsed<Box<dyn Fetch>>,
    ) -> FetchEntry {
        let file = Location::caller().file();
        FetchEntry {
            name,
            aliases: &[],
            derived: None,
            matching: None,
            arguments,
            gives,
            needs,
            help,
            since: "0.1",
            file,
            make,
        }
    }

    /// With other names.
    #[must_use]
    pub const fn aliases(self, aliases: &'static [&'static str]) -> FetchEntry {
        FetchEntry { aliases, ..self }
    }

    /// With words for its matches: `derived("path")` makes `path_beg` a word.
    #[must_use]
    pub const fn derived(self, derived: &'static str) -> FetchEntry {
        FetchEntry { derived: Some(derived), ..self }
    }

    /// With a match of its own for tests that name none.
    #[must_use]
    pub const fn matched_by(self, matching: &'static MatchEntry) -> FetchEntry {
        FetchEntry { matching: Some(matching), ..self }
    }

    /// All, by their names.
    pub fn all() -> impl ExactSizeIterator<Item = &'static FetchEntry> {
        FetchEntry::entries().iter()
    }

    /// The one of a name.
    pub fn find(name: &str) -> Option<&'static FetchEntry> {
        FetchEntry::entries().find(name)
    }
}

impl fmt::Debug for FetchEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FetchEntry({:?} gives {})", self.name, self.gives)
    }
}

impl Entry for FetchEntry {
    const KIND: &'static str = "fetch";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }

    fn also(&self) -> &'static [&'static str] {
        self.aliases
    }
}

proxy_config::entries!(FetchEntry);
