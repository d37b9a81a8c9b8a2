//! The crates that may register HAProxy's words.
//!
//! A transport from elsewhere has words of its own. If it used one that HAProxy has, a configuration for HAProxy would
//! mean something else here, and when Braid supports that word itself, two crates would claim it. Only the crates of
//! Braid implement HAProxy's words, as HAProxy does.

use super::{Place, knows};
use crate::parameter::Scope;

/// The names of these crates, and the words that each may register. A `*` at the end matches anything.
const OWNERS: &[(&str, &str)] = &[
    ("proto-core", "socket options: backlog, mss, tfo, interface"),
    ("proto-tcp", "HAProxy's words about TCP"),
    ("proto-mptcp", "HAProxy's words about MPTCP"),
    ("proto-unix", "mode, user and group of a socket file"),
    ("proto-quic-stub", "HAProxy's words about QUIC, which are not implemented"),
    ("proxy-*", "Braid itself: all other words of HAProxy"),
];

/// Returns whether the crate with this name may register HAProxy's words.
pub fn may_use(origin: &str) -> bool {
    OWNERS.iter().any(|(owner, _)| match owner.strip_suffix('*') {
        Some(beginning) => origin.starts_with(beginning),
        None => origin == *owner,
    })
}

/// The error of a crate that registers something with a name of HAProxy's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} '{name}' of {origin} has a name of HAProxy's, which only Braid's own crates serve: give it a prefix of its own"
)]
pub struct Taken {
    /// The kind of entry: `keyword`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// The crate that registers it.
    pub origin: &'static str,
}

/// Checks the name of something that a crate registers for a place of the language.
///
/// # Errors
/// Returns an error if HAProxy has the name there and the crate may not register HAProxy's words.
pub fn check_name(what: &'static str, origin: &'static str, place: Place, name: &str) -> Result<(), Taken> {
    match knows(place, name) && !may_use(origin) {
        true => Err(Taken { what, name: name.to_owned(), origin }),
        false => Ok(()),
    }
}

/// Returns the places of the parameters of a line.
pub(crate) fn places(scope: Scope) -> &'static [Place] {
    match scope {
        Scope::Bind => &[Place::Bind],
        Scope::Server => &[Place::Server],
        Scope::Both => &[Place::Bind, Place::Server],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braids_own_crates_may_and_others_may_not() {
        for own in ["proto-core", "proto-unix", "proxy-layers", "proxy-something-new"] {
            assert!(may_use(own), "{own}");
            assert_eq!(check_name("sample", own, Place::Fetch, "src"), Ok(()));
        }
        for other in ["proto-tutorial", "proto-core-x", "proxy", "", "acme"] {
            assert!(!may_use(other), "{other}");
            assert_eq!(check_name("sample", other, Place::Fetch, "acme_src"), Ok(()));
            assert!(check_name("sample", other, Place::Fetch, "src").is_err());
        }
    }

    #[test]
    fn the_message_names_the_crate_and_haproxy() {
        assert_eq!(
            check_name("sample", "acme", Place::Fetch, "src").unwrap_err().to_string(),
            "sample 'src' of acme has a name of HAProxy's, which only Braid's own crates serve: give it a prefix of its own"
        );
    }
}
