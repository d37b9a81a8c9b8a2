//! `option socket-stats`: statistics show each listener of a frontend.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections, Sense};

use crate::policy::ListenerStatistics;

inventory::submit! {
    Directive::new(
        "option socket-stats",
        "",
        Sections::FRONTEND.union(Sections::DEFAULTS),
        "show each listener in statistics",
        |line| {
            line.section.set(ListenerStatistics(line.sense == Sense::Plain));
            Ok(())
        },
    )
    .negatable()
    .idle_in(Sections::only(Kind::Backend))
}
