//! `hold`: how long something stays as it was after the last answer.

use proxy_config::{Directive, Sections, inventory};

use super::SectionPolicy;
use super::time::time;
use crate::policy::Holds;

/// The words for what is held, and where its time is kept.
const EVENTS: &[(&str, Event)] = &[
    ("valid", |holds| &mut holds.valid),
    ("nx", |holds| &mut holds.nx),
    ("timeout", |holds| &mut holds.timeout),
    ("refused", |holds| &mut holds.refused),
    ("other", |holds| &mut holds.other),
    ("obsolete", |holds| &mut holds.obsolete),
];

type Event = fn(&mut Holds) -> &mut std::time::Duration;

inventory::submit! {
    Directive::new(
        "hold",
        "valid|nx|timeout|refused|other|obsolete <time>",
        Sections::RESOLVERS,
        "how long an answer counts, or a server stays in use after the last one",
        |line| {
            let event = line.args.one_of(EVENTS)?;
            let time = time(line)?;
            *event(&mut SectionPolicy::of(line.section).holds) = time;
            Ok(())
        },
    )
}
