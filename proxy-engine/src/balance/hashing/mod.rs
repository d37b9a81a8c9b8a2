//! From a key to a server: `hash-type`. Each algorithm defines its own key.
//!
//! ```text
//!  key ──function──► 32 bits ──avalanche?──► 32 bits ─┬─ map-based ──► entry of a table ──► server
//!                                                     └─ consistent ─► nearest on a ring ─► server
//!  no key ─────────────────────────────────────────────────────────► the next in the table or on the ring
//! ```

mod bounds;
mod function;
mod ring;
mod server_key;
mod settings;

use std::fmt;
use std::sync::Mutex;

use proxy_rules::hash::avalanche;

use super::map::Map;
use super::{Balance, Candidates, Group, Key, Made, Members, Requester, lock, weight_in_use};
use crate::policy::{HashMethod, HashType};
pub(super) use bounds::Bounds;
use ring::Ring;
pub(crate) use server_key::ring_key;
pub use settings::Hashing;

impl HashType {
    /// Returns the hash of a key.
    pub fn of(&self, key: &[u8]) -> u32 {
        self.spread(self.function.of(key))
    }

    /// Applies the avalanche to a hash from another function, if it is configured.
    fn spread(&self, hash: u32) -> u32 {
        if self.avalanche { avalanche(hash) } else { hash }
    }
}

/// What an algorithm hashes.
pub(super) trait Hashable: fmt::Debug + Send + Sync {
    /// Whether a session without a key is for the only server if there is just one, and does not take turns.
    const IS_FOR_THE_ONLY_SERVER: bool = true;

    /// Returns the hash, or `None` without a key.
    fn hash(&self, requester: &Requester<'_>, servers: &Hashed) -> Option<u32>;

    /// Returns the expression that gives the key, if there is one.
    fn key(&self) -> Option<&Key> {
        None
    }
}

/// An algorithm that finds servers by a hash.
#[derive(Debug)]
pub(super) struct ByHash<K> {
    what: K,
    servers: Hashed,
}

impl<K: Hashable + 'static> ByHash<K> {
    pub(super) fn made(what: K, hashing: &Hashing) -> Made {
        Ok(Box::new(ByHash { what, servers: Hashed::new(hashing) }))
    }
}

impl<K: Hashable> Balance for ByHash<K> {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let hash = self.what.hash(&candidates.requester, &self.servers);
        self.servers.find(candidates, hash, K::IS_FOR_THE_ONLY_SERVER)
    }

    fn changed(&self, servers: &dyn Members, index: usize) {
        self.servers.changed(servers, index);
    }

    fn counts_sessions(&self) -> bool {
        self.servers.bounds.counts_sessions()
    }

    fn key(&self) -> Option<&Key> {
        self.what.key()
    }

    fn follows_weights(&self) -> bool {
        self.servers.kind.method == HashMethod::Consistent
    }

    fn is_deterministic(&self) -> bool {
        true
    }
}

/// The servers of a backend, looked up by hash.
#[derive(Debug)]
pub(super) struct Hashed {
    kind: HashType,
    bounds: Bounds,
    table: Mutex<Table>,
}

#[derive(Debug)]
enum Table {
    Map(Map),
    /// Of the primary servers, and of the backups.
    Rings(Box<[Ring; 2]>),
}

impl Hashed {
    fn new(hashing: &Hashing) -> Hashed {
        let table = match hashing.kind.method {
            HashMethod::MapBased => Table::Map(Map::default()),
            HashMethod::Consistent => Table::Rings(Box::default()),
        };
        Hashed { kind: hashing.kind, bounds: Bounds::new(hashing), table: Mutex::new(table) }
    }

    /// Returns the hash of a key.
    pub(super) fn hash(&self, key: &[u8]) -> u32 {
        self.kind.of(key)
    }

    /// Returns the hash of a key that was hashed by another function.
    pub(super) fn hash_again(&self, hash: u32) -> u32 {
        self.kind.spread(hash)
    }

    /// Learns of a change of a server.
    fn changed(&self, servers: &dyn Members, index: usize) {
        match &mut *lock(&self.table) {
            Table::Map(map) => map.is_outdated(),
            Table::Rings(rings) => {
                let server = servers.member(index);
                rings[usize::from(server.is_backup())].set(
                    index,
                    server.ring_key(),
                    weight_in_use(server),
                    servers.count(),
                );
            }
        }
    }

    /// Returns the server for a hash, or without one the next server in turn that has room.
    fn find(&self, candidates: &Candidates<'_>, hash: Option<u32>, only: bool) -> Option<usize> {
        match &mut *lock(&self.table) {
            Table::Map(map) => {
                map.follow(candidates);
                match hash {
                    Some(hash) => map.at(hash),
                    None if only && map.has_one() => map.at(0),
                    None => map.turn(candidates),
                }
            }
            Table::Rings(rings) => {
                let ring = &mut rings[usize::from(candidates.group == Group::Backups)];
                match hash.or((only && ring.has_one()).then_some(0)) {
                    Some(hash) => ring.nearest(hash, |index, weights| {
                        candidates.avoid != Some(index) && self.bounds.allow(candidates, index, weights)
                    }),
                    None => ring.turn(candidates),
                }
            }
        }
    }
}
