//! `timeout check`: the longest time that a check may take.

use std::time::Duration;

use proxy_config::{Directive, Kind, Sections};

use super::time::time;

/// The longest time that a check may take once it is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckTimeout(pub Option<Duration>);

inventory::submit! {
    Directive::new(
        "timeout check",
        "<time>",
        Sections::PROXY.union(Sections::DEFAULTS),
        "longest check, once it is connected",
        |line| {
            let (time, warning) = time(&mut line.args, "a timeout")?;
            warning.into_iter().for_each(|warning| line.surroundings.diagnostics.push(warning));
            line.section.set(CheckTimeout(Some(time).filter(|time| !time.is_zero())));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
