//! How algorithms with a key find the server: `hash-type`, `hash-balance-factor`, `hash-preserve-affinity`, `hash-key`.

/// How a server is found by a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashMethod {
    /// A table with an entry for each unit of weight. Changes of weights have no effect, and when a server is added or
    /// removed most keys change theirs.
    #[default]
    MapBased,
    /// A ring on which each server has many points. When a server is added or removed only its keys change theirs.
    Consistent,
}

/// A function from a key to 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashFunction {
    /// The hash of the sdbm database library: each byte is added to the hash times 65599.
    #[default]
    Sdbm,
    /// Bernstein's second hash: each byte is added to the hash times 33, which begins with 5381.
    Djb2,
    /// HAProxy's own, in which the bits of the key decide how far the hash rotates.
    Wt6,
    /// The CRC of Ethernet, gzip and PNG (ISO 3309).
    Crc32,
    /// The key is a decimal number and is taken as it is, in its lowest 32 bits; 0 for anything else.
    None,
}

/// `hash-type`: how algorithms with a key find the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashType {
    /// How the server is found by the hash.
    pub method: HashMethod,
    /// The function from the key to the hash.
    pub function: HashFunction,
    /// Whether the hash is mixed once more.
    pub avalanche: bool,
}

/// `hash-balance-factor`: the most that a server may have of what its weight entitles it to, in percent. 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashBalanceFactor(pub u32);

/// `hash-preserve-affinity`: whether a key stays with its server on a ring while that server is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashAffinity {
    /// It waits in the queue of the server.
    #[default]
    Always,
    /// It goes to the next server on the ring.
    MaxConn,
    /// It waits, unless the queue is full as well.
    MaxQueue,
}

/// `hash-key`: the property of a server that its points on a ring are computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashKey {
    /// Its number.
    #[default]
    Id,
    /// Its number, hashed to 32 bits, for numbers of which only the high bits differ.
    Id32,
    /// Its address, so that proxies agree whatever the order of their servers.
    Address,
    /// Its address and port.
    AddressAndPort,
}
