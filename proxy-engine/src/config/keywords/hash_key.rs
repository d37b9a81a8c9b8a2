//! `hash-key` of server lines.

use proxy_config::{Parameter, Scope, inventory, mistake};

use crate::policy::HashKey;

const KEYS: [(&str, HashKey); 4] = [
    ("id", HashKey::Id),
    ("id32", HashKey::Id32),
    ("addr", HashKey::Address),
    ("addr-port", HashKey::AddressAndPort),
];

inventory::submit! {
    Parameter::new(
        "hash-key",
        Scope::Server,
        "id|id32|addr|addr-port",
        "what its places are computed from with 'hash-type consistent'",
        |endpoint| {
            if let Some(word) = endpoint.args.peek()
                && word.text == "guid"
            {
                return Err(mistake(word.span, "HAProxy's 'hash-key guid' is not supported yet"));
            }
            let key = endpoint.args.one_of(&KEYS)?;
            endpoint.values.set(key);
            Ok(())
        },
    )
}
