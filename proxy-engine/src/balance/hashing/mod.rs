//! From a key to a server: `hash-type`. Each algorithm defines its own key.
//!
//! ```text
//!  key ──function──► 32 bits ──avalanche?──► 32 bits ─┬─ map-based ──► entry of a table ──► server
//!                                                     └─ consistent ─► nearest on a ring ─► server
//!  no key ─────────────────────────────────────────────────────────► the next in the table or on the ring
//! ```

mod function;
mod ring;

use std::sync::Mutex;

use proxy_rules::hash::avalanche;

use super::map::Map;
use super::{Candidates, lock};
use crate::policy::{HashMethod, HashType};
use ring::Ring;

impl HashType {
    /// Returns the hash of a key.
    pub fn of(&self, key: &[u8]) -> u32 {
        self.spread(self.function.of(key))
    }

    /// Applies the avalanche to a hash from another function, if it is configured.
    pub(super) fn spread(&self, hash: u32) -> u32 {
        if self.avalanche { avalanche(hash) } else { hash }
    }
}

/// The servers of a backend, looked up by hash.
#[derive(Debug)]
pub(super) struct Hashed {
    kind: HashType,
    table: Mutex<Table>,
}

#[derive(Debug)]
enum Table {
    Map(Map, usize),
    Ring(Ring),
}

impl Hashed {
    pub(super) fn new(kind: HashType) -> Hashed {
        let table = match kind.method {
            HashMethod::MapBased => Table::Map(Map::default(), 0),
            HashMethod::Consistent => Table::Ring(Ring::default()),
        };
        Hashed { kind, table: Mutex::new(table) }
    }

    /// Returns whether changes of weights have an effect.
    pub(super) fn follows_weights(&self) -> bool {
        self.kind.method == HashMethod::Consistent
    }

    /// Returns the server for a key, or without a key the next server in turn that has room.
    pub(super) fn by_key(&self, candidates: &Candidates<'_>, key: Option<&[u8]>) -> Option<usize> {
        self.by_hash(candidates, key.map(|key| self.kind.of(key)))
    }

    /// As [`by_key`](Self::by_key), for a key that was hashed by another function.
    pub(super) fn by_other_hash(&self, candidates: &Candidates<'_>, hash: Option<u32>) -> Option<usize> {
        self.by_hash(candidates, hash.map(|hash| self.kind.spread(hash)))
    }

    fn by_hash(&self, candidates: &Candidates<'_>, hash: Option<u32>) -> Option<usize> {
        match &mut *lock(&self.table) {
            Table::Map(map, next) => {
                let map = map.for_candidates(candidates);
                match hash {
                    Some(hash) => map.at(hash),
                    None if map.has_one() => map.at(0),
                    None => map.turn(candidates, next),
                }
            }
            Table::Ring(ring) => {
                ring.follow(candidates);
                match hash {
                    Some(hash) => ring.nearest(hash, candidates.avoid),
                    None => ring.turn(candidates),
                }
            }
        }
    }
}
