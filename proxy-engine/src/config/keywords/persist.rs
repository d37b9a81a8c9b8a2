//! `option persist`.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections, Sense};

use crate::policy::Persist;

inventory::submit! {
    Directive::new(
        "option persist",
        "",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "lead clients to the server of their cookie or of a rule even if it is down",
        |line| {
            line.section.set(Persist(line.sense == Sense::Plain));
            Ok(())
        },
    )
    .negatable()
    .idle_in(Sections::only(Kind::Frontend))
}
