//! `option log-health-checks`: each result that changes anything has a line.

use proxy_config::{Directive, Kind, Sections, Sense};

/// Whether the results of checks have lines of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogHealthChecks(pub bool);

inventory::submit! {
    Directive::new(
        "option log-health-checks",
        "",
        Sections::PROXY.union(Sections::DEFAULTS),
        "log the results of checks that change anything",
        |line| {
            line.section.set(LogHealthChecks(line.sense == Sense::Plain));
            Ok(())
        },
    )
    .negatable()
    .idle_in(Sections::only(Kind::Frontend))
}
