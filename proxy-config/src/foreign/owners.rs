//! Who may register HAProxy's words.
//!
//! A transport that somebody adds brings words of its own. If it took one that HAProxy has, a configuration written for
//! HAProxy would mean something else here, and the day on which Braid serves that word itself, two would claim it. The
//! crates of Braid are those that serve HAProxy's words as HAProxy does.

use super::{Place, knows};
use crate::parameter::Scope;

/// The crates that may, by name, and why. A `*` at the end stands for anything.
const OWNERS: &[(&str, &str)] = &[
    ("proto-core", "socket options: backlog, mss, tfo, interface"),
    ("proto-tcp", "what HAProxy says of TCP"),
    ("proto-mptcp", "what HAProxy says of MPTCP"),
    ("proto-unix", "mode, user and group of a socket file"),
    ("proto-quic-stub", "the place of what HAProxy says of QUIC"),
    ("proxy-*", "the product: whatever else HAProxy has is its to serve"),
];

/// Whether a crate, by its name, may register HAProxy's words.
pub fn may_use(origin: &str) -> bool {
    OWNERS.iter().any(|(owner, _)| match owner.strip_suffix('*') {
        Some(beginning) => origin.starts_with(beginning),
        None => origin == *owner,
    })
}

/// What a crate registers has a name that belongs to HAProxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} '{name}' of {origin} has a name of HAProxy's, which only Braid's own crates serve: give it a prefix of its own"
)]
pub struct Taken {
    /// What it is: `keyword`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// Who registers it.
    pub origin: &'static str,
}

/// Checks the name of something that a crate registers for a place of the language.
///
/// # Errors
/// When it is one of HAProxy's there, and the crate is none of those that serve HAProxy's words.
pub fn check_name(what: &'static str, origin: &'static str, place: Place, name: &str) -> Result<(), Taken> {
    match knows(place, name) && !may_use(origin) {
        true => Err(Taken { what, name: name.to_owned(), origin }),
        false => Ok(()),
    }
}

/// The places of the words of a line.
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
