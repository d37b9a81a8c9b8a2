//! `balance rdp-cookie[(<name>)]`: the same cookie in the first packet of a client of the Remote Desktop Protocol leads to
//! the same server.

use super::hashing::{ByHash, Hashable, Hashed, Hashing};
use super::{Algorithm, ArgumentError, Key, Made, Requester};

/// The cookie that holds the user's name.
const USER: &str = "mstshash";

inventory::submit! {
    Algorithm {
        name: "rdp-cookie",
        arguments: "[<name>]",
        help: "by a hash of a cookie of the Remote Desktop Protocol: rdp-cookie(<name>), by default mstshash",
        since: "0.1",
        needs_request: false,
        expression: |arguments| {
            Some(format!("req.rdp_cookie({})", arguments.first().copied().unwrap_or(USER)))
        },
        make: |arguments, hashing| match arguments {
            [] => made(hashing),
            [name] if !name.is_empty() => made(hashing),
            [_, other, ..] => Err(ArgumentError(format!("only a name is expected, found '{other}'"))),
            [_] => Err(ArgumentError("the name of a cookie is expected: rdp-cookie(<name>)".to_owned())),
        },
    }
}

fn made(hashing: &Hashing) -> Made {
    ByHash::made(Cookie(hashing.key.clone()), hashing)
}

/// The value of the cookie.
#[derive(Debug)]
struct Cookie(Option<Key>);

impl Hashable for Cookie {
    const IS_FOR_THE_ONLY_SERVER: bool = false;

    fn hash(&self, requester: &Requester<'_>, servers: &Hashed) -> Option<u32> {
        requester.key.filter(|key| !key.is_empty()).map(|key| servers.hash(key))
    }

    fn key(&self) -> Option<&Key> {
        self.0.as_ref()
    }
}
