//! Every word of configuration that HAProxy 3.5 knows, by the place where it is allowed.
//!
//! They distinguish a word that Braid does not support yet from an unknown one, since "HAProxy keyword, not supported
//! yet" is more helpful than "unknown". Only names are here, one per line in `words/`; not what a word means, how many
//! arguments it takes or which builds of HAProxy have it. A prefix `no` or `default` is not part of a name.

mod flags;
mod owners;
mod removed;

use std::sync::LazyLock;

use crate::diagnostic::{Mistake, mistake};
use crate::source::Span;

pub(crate) use self::flags::arguments;
pub(crate) use self::owners::places;
pub use self::owners::{Taken, check_name, may_use};
pub use self::removed::{Removed, find as removed};

/// A place of the language with words of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// The first word of a section: `global`, `listen`.
    Section,
    /// A directive of the global section, with its second word where that is part of its name: `stats socket`.
    Global,
    /// A directive of `defaults`, `listen`, `frontend` and `backend`: `balance`, `option httplog`, `timeout client`.
    /// The first word of such a pair is listed by itself too.
    Proxy,
    /// A rule set and an action in it: `http-request deny`, `tcp-request content reject`. Without what follows the name
    /// in parentheses (`set-var`, not `set-var(txn.a)`).
    Action,
    /// An option of a bind line.
    Bind,
    /// An option of a server line.
    Server,
    /// An algorithm of `balance`.
    Balance,
    /// A filter of `filter`.
    Filter,
    /// A section that is not a proxy and a directive in it: `userlist user`, `crt-store load`.
    Elsewhere,
    /// A sample fetch: `src`, `req.hdr`.
    Fetch,
    /// A converter: `lower`, `map`.
    Converter,
}

impl Place {
    /// All places.
    pub const ALL: &[Place] = &[
        Place::Section,
        Place::Global,
        Place::Proxy,
        Place::Action,
        Place::Bind,
        Place::Server,
        Place::Balance,
        Place::Filter,
        Place::Elsewhere,
        Place::Fetch,
        Place::Converter,
    ];

    fn words(self) -> &'static [&'static str] {
        &WORDS[self as usize]
    }
}

/// The words of each place, in the order of [`Place`].
static WORDS: LazyLock<Vec<Vec<&'static str>>> =
    LazyLock::new(|| Place::ALL.iter().map(|place| text(*place).lines().collect()).collect());

fn text(place: Place) -> &'static str {
    match place {
        Place::Section => include_str!("words/sections.txt"),
        Place::Global => include_str!("words/global.txt"),
        Place::Proxy => include_str!("words/proxy.txt"),
        Place::Action => include_str!("words/actions.txt"),
        Place::Bind => include_str!("words/bind.txt"),
        Place::Server => include_str!("words/server.txt"),
        Place::Balance => include_str!("words/balance.txt"),
        Place::Filter => include_str!("words/filters.txt"),
        Place::Elsewhere => include_str!("words/elsewhere.txt"),
        Place::Fetch => include_str!("words/fetches.txt"),
        Place::Converter => include_str!("words/converters.txt"),
    }
}

/// Returns whether HAProxy knows this word, or these words separated by single spaces, in this place.
pub fn knows(place: Place, name: &str) -> bool {
    place.words().binary_search(&name).is_ok() || is_of_a_family(place, name)
}

/// Returns whether a name belongs to an open-ended family: `lua.<function>`, or `track-sc<n>` with the index of a
/// counter.
fn is_of_a_family(place: Place, name: &str) -> bool {
    match place {
        Place::Fetch | Place::Converter => name.starts_with("lua."),
        Place::Action => {
            let (rules, action) = name.rsplit_once(' ').unwrap_or_default();
            action.starts_with("lua.")
                && place
                    .words()
                    .iter()
                    .any(|known| known.strip_prefix(rules).is_some_and(|rest| rest.starts_with(' ')))
                || action.strip_prefix("track-sc").is_some_and(|index| {
                    let is_number = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
                    is_number && place.words().binary_search(&&*format!("{rules} track-sc0")).is_ok()
                })
        }
        _ => false,
    }
}

/// Returns the alert about a word of HAProxy that Braid does not have: that it is not supported yet, or that HAProxy
/// has removed it, and what to use instead. `what` describes the word: `keyword 'block'`.
pub fn refusal(place: Place, name: &str, what: &str, span: Span) -> Mistake {
    match removed(place, name) {
        None => mistake(span, format!("HAProxy {what} is not supported yet")),
        Some(Removed { since, instead, .. }) => {
            let message = format!(
                "{what} has been removed from HAProxy in version {since}, and is not supported either"
            );
            Box::new(mistake(span, message).help(instead))
        }
    }
}

/// Returns all words of a place, sorted.
pub fn names(place: Place) -> impl Iterator<Item = &'static str> {
    place.words().iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_unique() {
        for (index, place) in Place::ALL.iter().enumerate() {
            assert_eq!(*place as usize, index);
            let words = place.words();
            assert!(!words.is_empty(), "{place:?}");
            assert!(words.iter().all(|word| !word.is_empty() && *word == word.trim()), "{place:?}");
            for pair in words.windows(2) {
                assert!(pair[0] < pair[1], "{place:?}: {pair:?}");
            }
        }
    }

    #[test]
    fn known_where_they_belong() {
        for (place, known) in [
            (
                Place::Section,
                &["global", "defaults", "listen", "frontend", "backend", "peers", "ring", "cache"][..],
            ),
            (Place::Global, &["maxconn", "log", "nbthread", "stats", "stats socket", "tune.bufsize", "user"]),
            (
                Place::Proxy,
                &["acl", "balance", "bind", "mode", "server", "default_backend", "use_backend", "log"],
            ),
            (Place::Proxy, &["option", "option httplog", "option forwardfor", "timeout client", "stats uri"]),
            (
                Place::Proxy,
                &["http-request", "tcp-request content", "tcp-check expect", "stick on", "capture"],
            ),
            (
                Place::Action,
                &["http-request deny", "tcp-request connection reject", "http-response set-header"],
            ),
            (
                Place::Action,
                &["tcp-request content track-sc0", "quic-initial dgram-drop", "tcp-response content close"],
            ),
            (Place::Bind, &["ssl", "crt", "accept-proxy", "tfo", "alpn", "mode"]),
            (Place::Server, &["check", "ssl", "send-proxy-v2", "weight", "no-check", "source"]),
            (
                Place::Balance,
                &["roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random", "hash"],
            ),
            (Place::Filter, &["compression", "spoe"]),
            (Place::Elsewhere, &["userlist user", "crt-store load", "peers peer", "resolvers nameserver"]),
            (Place::Fetch, &["src", "req.hdr", "be_conn", "ssl_fc"]),
            (Place::Converter, &["lower", "map_str", "json_query", "lua.mine"]),
            (Place::Fetch, &["base32+src", "lua.mine"]),
            (
                Place::Action,
                &["http-request track-sc12", "http-request lua.mine", "tcp-response content lua.mine"],
            ),
        ] {
            for name in known {
                assert!(knows(place, name), "{place:?} {name}");
            }
        }
    }

    #[test]
    fn unknown_elsewhere_and_when_mistyped() {
        for (place, name) in [
            (Place::Section, "maxconn"),
            (Place::Global, "listen"),
            (Place::Global, "balance"),
            (Place::Proxy, "option  httplog"),
            (Place::Proxy, "balanse"),
            (Place::Proxy, ""),
            (Place::Server, "accept-proxy"),
            (Place::Bind, "weight"),
            (Place::Action, "http-after-response deny"),
            (Place::Action, "http-after-response track-sc3"),
            (Place::Action, "http-request track-sc"),
            (Place::Action, "http-requst lua.mine"),
            (Place::Bind, "lua.mine"),
        ] {
            assert!(!knows(place, name), "{place:?} {name}");
        }
    }

    #[test]
    fn names_are_what_is_known() {
        assert!(Place::ALL.iter().all(|place| names(*place).all(|name| knows(*place, name))));
    }
}
