//! `balance source`: the same client address leads to the same server, as long as no server is added or removed.

use std::net::IpAddr;

use super::hashing::{ByHash, Hashable, Hashed};
use super::registry::no_expression;
use super::{Algorithm, Requester, no_arguments};

inventory::submit! {
    Algorithm {
        name: "source",
        arguments: "",
        help: "by a hash of the client's address",
        since: "0.1",
        needs_request: false,
        expression: no_expression,
        make: |arguments, hashing| {
            no_arguments(arguments)?;
            ByHash::made(Source, hashing)
        },
    }
}

#[derive(Debug)]
struct Source;

impl Hashable for Source {
    fn hash(&self, requester: &Requester<'_>, servers: &Hashed) -> Option<u32> {
        requester.client.map(|client| servers.hash_again(hash(client)))
    }
}

/// Combines the words of the address by exclusive or: HAProxy hashes addresses like this, whatever function `hash-type`
/// names.
fn hash(client: IpAddr) -> u32 {
    match client {
        IpAddr::V4(ip) => ip.to_bits(),
        IpAddr::V6(ip) => {
            let bits = ip.to_bits();
            [96, 64, 32, 0].into_iter().map(|shift| (bits >> shift) as u32).fold(0, |hash, word| hash ^ word)
        }
    }
}
