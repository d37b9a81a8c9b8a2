//! What a section says of hashing.

use crate::balance::Key;
use crate::policy::{HashAffinity, HashType};

/// The settings of hashing of a backend, and the key of its algorithm.
#[derive(Clone, Debug, Default)]
pub struct Hashing {
    /// `hash-type`.
    pub kind: HashType,
    /// `hash-balance-factor`, in percent; 0 for none.
    pub balance_factor: u32,
    /// `hash-preserve-affinity`.
    pub affinity: HashAffinity,
    /// The key, of an algorithm that has an [expression](crate::balance::Algorithm::expression).
    pub key: Option<Key>,
}

impl From<HashType> for Hashing {
    fn from(kind: HashType) -> Hashing {
        Hashing { kind, ..Hashing::default() }
    }
}
