//! Tables of registered entries, one for each kind.
//!
//! A part of the program that others add to (fetches, actions, balancing algorithms, commands) has an entry type. The
//! file that implements an entry submits it, `entries!` gathers all of them, and [`Entries`] sorts them and finds them
//! by name. An entry may have several names, and two entries may share a name if they belong to different places.
//!
//! Two entries that claim the same name are a mistake in how the binary is assembled. The program calls [`check_all`]
//! when it starts to find them.
//!
//! ```
//! use std::borrow::Cow;
//!
//! #[derive(Debug)]
//! struct Shape {
//!     name: &'static str,
//!     corners: u32,
//! }
//!
//! impl proxy_config::Entry for Shape {
//!     const KIND: &'static str = "shape";
//!
//!     fn name(&self) -> Cow<'static, str> {
//!         self.name.into()
//!     }
//! }
//!
//! proxy_config::entries!(Shape);
//! proxy_config::inventory::submit! { Shape { name: "triangle", corners: 3 } }
//!
//! assert_eq!(Shape::entries().find("triangle").map(|shape| shape.corners), Some(3));
//! assert_eq!(proxy_config::entries::check_all(), Ok(()));
//! ```

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// Something that files register under a name.
pub trait Entry: fmt::Debug + Sync + 'static {
    /// The kind of entry, for messages: `fetch`.
    const KIND: &'static str;

    /// Returns the name of the entry.
    fn name(&self) -> Cow<'static, str>;

    /// Returns other names of the same entry.
    fn also(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns the places where its names mean this entry; none means everywhere.
    fn places(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// An error about entries that claim the same name, or about one without a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntriesError {
    /// Two entries have the same name in the same place.
    #[error("the {kind} '{name}' is registered twice")]
    Twice {
        /// Their kind.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// An entry has no name.
    #[error("a {kind} without a name is registered")]
    Nameless {
        /// Its kind.
        kind: &'static str,
    },
}

/// The entries of one kind.
#[derive(Clone)]
pub struct Entries<T: 'static> {
    /// The entries by name, and those with the same name by place.
    sorted: Vec<&'static T>,
    /// The entries by all of their names. Most names have one entry.
    named: HashMap<Cow<'static, str>, Vec<&'static T>>,
    /// The first error.
    error: Option<EntriesError>,
}

impl<T: Entry> Entries<T> {
    /// Returns all entries that are linked into this binary.
    pub fn linked() -> Entries<T>
    where
        T: inventory::Collect,
    {
        Entries::of(inventory::iter::<T>)
    }

    /// Creates a table of the given entries. If two claim the same name, both are kept and [`check`](Self::check)
    /// returns an error.
    pub fn of(entries: impl IntoIterator<Item = &'static T>) -> Entries<T> {
        let mut sorted: Vec<&'static T> = entries.into_iter().collect();
        sorted.sort_by_cached_key(|entry| (entry.name(), entry.places()));
        let mut named: HashMap<Cow<'static, str>, Vec<&'static T>> = HashMap::new();
        let mut error = None;
        for &entry in &sorted {
            for name in std::iter::once(entry.name()).chain(entry.also().iter().map(|name| (*name).into())) {
                let kind = T::KIND;
                let same_name = named.entry(name.clone()).or_default();
                if name.is_empty() {
                    error.get_or_insert(EntriesError::Nameless { kind });
                } else if same_name.iter().any(|other| meet(&other.places(), &entry.places())) {
                    error.get_or_insert(EntriesError::Twice { kind, name: name.into_owned() });
                }
                same_name.push(entry);
            }
        }
        Entries { sorted, named, error }
    }

    /// Checks that each name is claimed once.
    ///
    /// # Errors
    /// Returns an error if two entries claim the same name in the same place, or if one has no name.
    pub fn check(&self) -> Result<(), EntriesError> {
        self.error.clone().map_or(Ok(()), Err)
    }

    /// Returns the entry with this name, in whatever place.
    pub fn find(&self, name: &str) -> Option<&'static T> {
        self.named.get(name)?.first().copied()
    }

    /// Returns the entry with this name in a place.
    pub fn find_in(&self, place: &str, name: &str) -> Option<&'static T> {
        let same_name = self.named.get(name)?;
        same_name.iter().copied().find(|entry| meet(&entry.places(), &[place]))
    }

    /// Returns all entries, by name, and those with the same name by place.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'static T> {
        self.sorted.iter().copied()
    }
}

/// Returns whether the two sets of places overlap; an empty one is every place.
fn meet(one: &[&str], other: &[&str]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|place| other.contains(place))
}

impl<T: Entry> fmt::Debug for Entries<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entries({} of {})", self.sorted.len(), T::KIND)
    }
}

/// A table of entries of any kind, for [`check_all`]. `entries!` submits it.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Calls [`Entries::check`] of the table.
    pub check: fn() -> Result<(), EntriesError>,
}

inventory::collect!(Table);

/// Checks all tables that are linked into this binary.
///
/// # Errors
/// Returns the first error of [`Entries::check`].
pub fn check_all() -> Result<(), EntriesError> {
    inventory::iter::<Table>.into_iter().try_for_each(|table| (table.check)())
}

/// Allows files to submit entries of a type, and gives the type a function `entries` that returns all of them.
#[macro_export]
macro_rules! entries {
    ($entry:ty) => {
        $crate::inventory::collect!($entry);

        impl $entry {
            /// Returns all entries that are linked into this binary.
            pub fn entries() -> &'static $crate::entries::Entries<$entry> {
                static ENTRIES: ::std::sync::LazyLock<$crate::entries::Entries<$entry>> =
                    ::std::sync::LazyLock::new($crate::entries::Entries::linked);
                &ENTRIES
            }
        }

        $crate::inventory::submit! {
            $crate::entries::Table { check: || <$entry>::entries().check() }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Word(&'static str, &'static [&'static str], &'static [&'static str]);

    impl Entry for Word {
        const KIND: &'static str = "word";

        fn name(&self) -> Cow<'static, str> {
            self.0.into()
        }

        fn also(&self) -> &'static [&'static str] {
            self.1
        }

        fn places(&self) -> Vec<&'static str> {
            self.2.to_vec()
        }
    }

    static SET: Word = Word("set", &[], &["request"]);
    static SET_ELSEWHERE: Word = Word("set", &[], &["response", "reply"]);
    static HOST: Word = Word("host", &["hdr", "name"], &[]);

    fn twice(name: &str) -> Result<(), EntriesError> {
        Err(EntriesError::Twice { kind: "word", name: name.to_owned() })
    }

    #[test]
    fn entries_are_sorted_and_found_by_all_names() {
        let words = Entries::of([&SET_ELSEWHERE, &HOST, &SET]);
        assert_eq!(words.check(), Ok(()));
        let sorted: Vec<_> = words.iter().map(|word| (word.0, word.2.first().copied())).collect();
        assert_eq!(sorted, [("host", None), ("set", Some("request")), ("set", Some("response"))]);
        let found = |name| words.find(name).map(|word: &Word| word.0);
        assert_eq!((found("host"), found("name"), found("nam")), (Some("host"), Some("host"), None));
        let place = |place, name| words.find_in(place, name).and_then(|word| word.2.last().copied());
        assert_eq!(place("request", "set"), Some("request"));
        assert_eq!(place("response", "set"), Some("reply"));
        assert_eq!(place("tunnel", "set"), None);
        assert_eq!(
            words.find_in("tunnel", "hdr").map(|word| word.0),
            Some("host"),
            "it is not limited to a place"
        );
    }

    #[test]
    fn a_name_that_two_claim_is_reported() {
        static OTHER: Word = Word("other", &["name"], &["request"]);
        static REPLY: Word = Word("set", &[], &["reply"]);
        assert_eq!(Entries::of([&HOST, &SET, &HOST]).check(), twice("host"));
        assert_eq!(Entries::of([&HOST, &OTHER]).check(), twice("name"));
        assert_eq!(Entries::of([&SET, &REPLY]).check(), Ok(()));
        assert_eq!(Entries::of([&SET, &SET_ELSEWHERE, &REPLY]).check(), twice("set"));
        assert_eq!(twice("set").unwrap_err().to_string(), "the word 'set' is registered twice");
    }

    #[test]
    fn an_entry_without_a_name_is_reported() {
        static NAMELESS: Word = Word("", &[], &[]);
        assert_eq!(Entries::of([&NAMELESS]).check(), Err(EntriesError::Nameless { kind: "word" }));
    }
}
