//! The algorithms by name: each file of an algorithm submits an [`Algorithm`].

use std::borrow::Cow;
use std::fmt;

use proxy_config::{Entry, Mode};

use super::{Balance, Hashing};
use crate::policy::Balancing;

/// An algorithm for one backend, or what is wrong with its arguments.
pub type Made = Result<Box<dyn Balance>, ArgumentError>;

/// The registry entry of an algorithm.
#[derive(Clone, Copy)]
pub struct Algorithm {
    /// The word after `balance`.
    pub name: &'static str,
    /// Its arguments, as the reference page shows them.
    pub arguments: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid that has it.
    pub since: &'static str,
    /// Whether it needs requests: `mode http`.
    pub needs_request: bool,
    /// Returns the text of the expression that it takes its key from, if it has one.
    pub expression: fn(&[&str]) -> Option<String>,
    /// Makes it from its arguments, and from the settings of hashing for algorithms that hash.
    pub make: fn(&[&str], &Hashing) -> Made,
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Algorithm").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Entry for Algorithm {
    const KIND: &'static str = "balancing algorithm";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }
}

proxy_config::entries!(Algorithm);

/// An error in the arguments of an algorithm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ArgumentError(pub String);

/// Makes the algorithm of a backend. One that needs requests is replaced by `roundrobin` in mode tcp, as in HAProxy.
///
/// # Errors
/// Returns an error for arguments that it does not take. Those of a configuration were checked when it was read.
pub fn make(balancing: &Balancing, mode: Mode, hashing: &Hashing) -> Made {
    let named = |name: &str| {
        Algorithm::entries()
            .find(name)
            .ok_or_else(|| ArgumentError(format!("this binary has no algorithm '{name}'")))
    };
    let algorithm = named(&balancing.algorithm)?;
    if algorithm.needs_request && mode != Mode::Http {
        return (named("roundrobin")?.make)(&[], hashing);
    }
    let arguments: Vec<&str> = balancing.arguments.iter().map(String::as_str).collect();
    (algorithm.make)(&arguments, hashing)
}

/// Returns nothing: the algorithm has no expression.
pub(super) fn no_expression(_: &[&str]) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use proxy_config::{Entries, EntriesError};

    use super::*;

    #[test]
    fn all_are_linked_once_and_sorted() {
        let all = Algorithm::entries();
        assert_eq!(all.check(), Ok(()));
        let names: Vec<_> = all.iter().map(|entry| entry.name).collect();
        let expected = [
            "first",
            "hash",
            "hdr",
            "leastconn",
            "random",
            "rdp-cookie",
            "roundrobin",
            "source",
            "static-rr",
            "uri",
            "url_param",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_name_given_twice_is_refused() {
        let first = Algorithm::entries().find("first").expect("it is linked");
        let twice = Entries::of([first, first]).check();
        let (kind, name) = ("balancing algorithm", "first".to_owned());
        assert_eq!(twice, Err(EntriesError::Twice { kind, name }));
    }
}
