//! Fetches, which take a sample from a session or a message.
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

/// Takes a sample, borrowed from the context where possible.
pub trait Fetch: fmt::Debug + Send + Sync {
    /// Returns the sample; `None` if there is none.
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>>;

    /// Returns whether the fetch refers to the ACL with this name, directly or not.
    fn asks(&self, acl: &str) -> bool {
        let _ = acl;
        false
    }

    /// Returns whether the fetch looks at the connection to the server, of which data has to be kept for it.
    fn reads_server(&self) -> bool {
        false
    }

    /// Returns whether the fetch evaluates others that look at the request. Whether it does itself follows from what it
    /// [needs](FetchEntry::needs).
    fn reads_request(&self) -> bool {
        false
    }

    /// Returns whether the value changes until the session or exchange ends: a log line that contains it waits for
    /// that.
    fn tells_end(&self) -> bool {
        false
    }

    /// Returns whether there is a value in health checks only.
    fn is_of_checks(&self) -> bool {
        false
    }

    /// Returns whether more bytes have to arrive, or time has to pass, before the value is known. Content rules wait
    /// for it.
    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        let _ = context;
        false
    }

    /// Calls `visit` with every occurrence until it returns `true`; returns whether it did.
    ///
    /// The default is for fetches with at most one occurrence.
    fn each<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(Sample<'c>) -> bool) -> bool {
        self.get(context).is_some_and(visit)
    }
}

/// A fetch that expressions may name.
#[derive(Clone, Copy)]
pub struct FetchEntry {
    /// The name.
    pub name: &'static str,
    /// Other names. Only `name` is listed.
    pub aliases: &'static [&'static str],
    /// The prefix of names with a match, such as `_beg` or `_sub`: `path` for `path_beg`.
    pub derived: Option<&'static str>,
    /// The match of a test that names none; the default match of the type if there is no other.
    pub matching: Option<&'static MatchEntry>,
    /// The arguments in parentheses as the documentation shows them; may be empty.
    pub arguments: &'static str,
    /// The type of the sample.
    pub gives: Type,
    /// What the fetch needs.
    pub needs: Need,
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid with this fetch.
    pub since: &'static str,
    /// The source file with the entry, from the compiler.
    pub file: &'static str,
    /// Creates the fetch. Arguments that are left over are reported by the caller.
    pub make: fn(&mut Inputs<'_>) -> Parsed<Box<dyn Fetch>>,
}

impl FetchEntry {
    /// Creates an entry.
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

    /// Adds other names.
    #[must_use]
    pub const fn aliases(self, aliases: &'static [&'static str]) -> FetchEntry {
        FetchEntry { aliases, ..self }
    }

    /// Allows names with a match: `derived("path")` makes `path_beg` valid.
    #[must_use]
    pub const fn derived(self, derived: &'static str) -> FetchEntry {
        FetchEntry { derived: Some(derived), ..self }
    }

    /// Sets the match for tests that name none.
    #[must_use]
    pub const fn matched_by(self, matching: &'static MatchEntry) -> FetchEntry {
        FetchEntry { matching: Some(matching), ..self }
    }

    /// Returns all fetches, sorted by name.
    pub fn all() -> impl ExactSizeIterator<Item = &'static FetchEntry> {
        FetchEntry::entries().iter()
    }

    /// Returns the fetch with this name.
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
