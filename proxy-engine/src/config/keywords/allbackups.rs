//! `option allbackups`.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections, Sense};

use crate::policy::AllBackups;

inventory::submit! {
    Directive::new(
        "option allbackups",
        "",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "use all backup servers at once, not only the first",
        |line| {
            line.section.set(AllBackups(line.sense == Sense::Plain));
            Ok(())
        },
    )
    .negatable()
    .idle_in(Sections::only(Kind::Frontend))
}
