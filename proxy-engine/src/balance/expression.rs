//! `balance hash <expression>`: the same value of an expression leads to the same server.

use super::hashing::{ByHash, Hashable, Hashed};
use super::{Algorithm, ArgumentError, Key, Requester};

inventory::submit! {
    Algorithm {
        name: "hash",
        arguments: "<expression>",
        help: "by a hash of the value of an expression",
        since: "0.1",
        needs_request: false,
        expression: |arguments| arguments.first().map(|expression| (*expression).to_owned()),
        make: |arguments, hashing| match arguments {
            [_] => ByHash::made(Value(hashing.key.clone()), hashing),
            [_, other, ..] => Err(ArgumentError(format!("only an expression is expected, found '{other}'"))),
            [] => Err(ArgumentError("an expression is expected".to_owned())),
        },
    }
}

/// The value of an expression.
#[derive(Debug)]
struct Value(Option<Key>);

impl Hashable for Value {
    fn hash(&self, requester: &Requester<'_>, servers: &Hashed) -> Option<u32> {
        requester.key.map(|key| servers.hash(key))
    }

    fn key(&self) -> Option<&Key> {
        self.0.as_ref()
    }
}
