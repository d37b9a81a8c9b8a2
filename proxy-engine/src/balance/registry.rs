//! The algorithms by name: each file of an algorithm submits an [`Algorithm`].

use std::collections::BTreeMap;
use std::fmt;

use proxy_config::Mode;

use super::Balance;
use crate::policy::{Balancing, HashType};

/// An algorithm for one backend, unless its arguments are wrong.
pub type Made = Result<Box<dyn Balance>, ArgumentError>;

/// An algorithm as it is registered.
#[derive(Clone, Copy)]
pub struct Algorithm {
    /// The word after `balance`.
    pub name: &'static str,
    /// Its arguments as a page shows them.
    pub arguments: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid that has it.
    pub since: &'static str,
    /// Whether it needs requests: `mode http`.
    pub needs_request: bool,
    /// Makes it of its arguments; those that hash do so in this way.
    pub make: fn(&[&str], HashType) -> Made,
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Algorithm").field("name", &self.name).finish_non_exhaustive()
    }
}

inventory::collect!(Algorithm);

/// The arguments of an algorithm are wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ArgumentError(pub String);

/// Two algorithms have one name. A mistake of whoever links the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the balancing algorithm '{name}' is registered twice")]
pub struct DuplicateAlgorithm {
    /// The name.
    pub name: &'static str,
}

/// The algorithms of a binary, by name.
#[derive(Clone, Debug, Default)]
pub struct Algorithms(BTreeMap<&'static str, Algorithm>);

impl Algorithms {
    /// These algorithms.
    ///
    /// # Errors
    /// When two have one name.
    pub fn build(entries: impl IntoIterator<Item = Algorithm>) -> Result<Algorithms, DuplicateAlgorithm> {
        let mut all = Algorithms::default();
        for entry in entries {
            if all.0.insert(entry.name, entry).is_some() {
                return Err(DuplicateAlgorithm { name: entry.name });
            }
        }
        Ok(all)
    }

    /// One by its name.
    pub fn get(&self, name: &str) -> Option<&Algorithm> {
        self.0.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Algorithm> {
        self.0.values()
    }
}

/// All that are linked into this binary. To be read once.
///
/// # Errors
/// When two have one name.
pub fn algorithms() -> Result<Algorithms, DuplicateAlgorithm> {
    Algorithms::build(linked().copied())
}

/// All that are linked into this binary, in no order.
pub fn linked() -> impl Iterator<Item = &'static Algorithm> {
    inventory::iter::<Algorithm>.into_iter()
}

/// One that is linked into this binary, by its name.
pub fn find(name: &str) -> Option<&'static Algorithm> {
    linked().find(|algorithm| algorithm.name == name)
}

/// The algorithm of a backend. One that needs requests takes turns (`roundrobin`) in a mode without any, as in HAProxy.
///
/// # Errors
/// For arguments that it does not take; those of a configuration have been checked when it was read.
pub fn make(balancing: &Balancing, mode: Mode, hash: HashType) -> Made {
    let named = |name: &str| {
        find(name).ok_or_else(|| ArgumentError(format!("this binary has no algorithm '{name}'")))
    };
    let algorithm = named(&balancing.algorithm)?;
    if algorithm.needs_request && mode != Mode::Http {
        return (named("roundrobin")?.make)(&[], HashType::default());
    }
    let arguments: Vec<&str> = balancing.arguments.iter().map(String::as_str).collect();
    (algorithm.make)(&arguments, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_linked_once_and_sorted() {
        let all = algorithms().expect("no duplicates");
        let names: Vec<_> = all.iter().map(|entry| entry.name).collect();
        let expected =
            ["first", "hdr", "leastconn", "random", "roundrobin", "source", "static-rr", "uri", "url_param"];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_name_given_twice_is_refused() {
        let all = algorithms().expect("no duplicates");
        let first = *all.get("first").expect("it is linked");
        let twice = Algorithms::build([first, first]);
        assert_eq!(twice.err(), Some(DuplicateAlgorithm { name: "first" }));
    }
}
