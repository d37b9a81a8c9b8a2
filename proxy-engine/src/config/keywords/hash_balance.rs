//! `hash-balance-factor` and `hash-preserve-affinity`: what a key does whose server on a ring is busy.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections, mistake};

use crate::policy::{HashAffinity, HashBalanceFactor};

const AFFINITIES: [(&str, HashAffinity); 3] = [
    ("always", HashAffinity::Always),
    ("maxconn", HashAffinity::MaxConn),
    ("maxqueue", HashAffinity::MaxQueue),
];

/// The largest factor: more is no limit.
const MOST: u32 = i32::MAX as u32;

inventory::submit! {
    Directive::new(
        "hash-balance-factor",
        "<percent>",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "most sessions of a server with 'hash-type consistent', in percent of its share; 0 for no limit",
        |line| {
            let word = line.args.peek();
            let percent = line.args.number(0..=MOST, "percent of a server's share of all sessions")?;
            if let Some(word) = word
                && (1..=100).contains(&percent)
            {
                return Err(mistake(word.span, "the factor must be 0, or more than 100 percent"));
            }
            line.section.set(HashBalanceFactor(percent));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}

inventory::submit! {
    Directive::new(
        "hash-preserve-affinity",
        "always|maxconn|maxqueue",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "whether a key stays with its server on a ring that has no free slot, or no place in its queue",
        |line| {
            let affinity = line.args.one_of(&AFFINITIES)?;
            line.section.set(affinity);
            Ok(())
        },
    )
}
