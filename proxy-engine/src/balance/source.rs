//! `balance source`: the same client address leads to the same server, as long as no server is added or removed.

use std::net::IpAddr;

use super::hashing::Hashed;
use super::{Algorithm, Balance, Candidates, no_arguments};

inventory::submit! {
    Algorithm {
        name: "source",
        arguments: "",
        help: "by a hash of the client's address",
        since: "0.1",
        needs_request: false,
        make: |arguments, kind| {
            no_arguments(arguments)?;
            Ok(Box::new(Source(Hashed::new(kind))))
        },
    }
}

#[derive(Debug)]
struct Source(Hashed);

impl Balance for Source {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        self.0.by_other_hash(candidates, candidates.requester.client.map(hash))
    }

    fn follows_weights(&self) -> bool {
        self.0.follows_weights()
    }

    fn is_deterministic(&self) -> bool {
        true
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
