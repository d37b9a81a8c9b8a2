//! `hash-type`.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections};

use crate::policy::{HashFunction, HashMethod, HashType};

const METHODS: [(&str, HashMethod); 2] =
    [("map-based", HashMethod::MapBased), ("consistent", HashMethod::Consistent)];

const FUNCTIONS: [(&str, HashFunction); 5] = [
    ("sdbm", HashFunction::Sdbm),
    ("djb2", HashFunction::Djb2),
    ("wt6", HashFunction::Wt6),
    ("crc32", HashFunction::Crc32),
    ("none", HashFunction::None),
];

inventory::submit! {
    Directive::new(
        "hash-type",
        "map-based|consistent [sdbm|djb2|wt6|crc32|none [avalanche]]",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "how algorithms with a key map it to a server",
        |line| {
            let method = line.args.one_of(&METHODS)?;
            // Without it, the hashes of similar keys would be neighbours on the ring.
            let plain = HashType { method, avalanche: method == HashMethod::Consistent, ..HashType::default() };
            line.section.set(match line.args.peek() {
                None => plain,
                Some(_) => {
                    let function = line.args.one_of(&FUNCTIONS)?;
                    HashType { method, function, avalanche: line.args.take_word("avalanche") }
                }
            });
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
