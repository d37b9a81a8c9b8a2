//! `retries`.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections};

use crate::policy::Retries;

inventory::submit! {
    Directive::new(
        "retries",
        "<number>",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "number of attempts to connect after the first",
        |line| {
            let retries = line.args.number(0..=u32::MAX, "attempts")?;
            line.section.set(Retries(retries));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
