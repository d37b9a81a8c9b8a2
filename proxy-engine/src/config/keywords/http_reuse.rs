//! `http-reuse`.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections};

use crate::policy::Reuse;

const WORDS: [(&str, Reuse); 4] = [
    ("never", Reuse::Never),
    ("safe", Reuse::Safe),
    ("aggressive", Reuse::Aggressive),
    ("always", Reuse::Always),
];

inventory::submit! {
    Directive::new(
        "http-reuse",
        "never|safe|aggressive|always",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "which requests may use idle connections of other clients",
        |line| {
            let reuse = line.args.one_of(&WORDS)?;
            line.section.set(reuse);
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
