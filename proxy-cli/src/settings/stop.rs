//! `hard-stop-after`.

use std::time::Duration;

use proxy_config::{Directive, Sections, inventory};

/// The longest time of a soft stop; without it, it lasts as long as there is a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HardStopAfter(pub(crate) Duration);

inventory::submit! {
    Directive::new("hard-stop-after", "<time>", Sections::GLOBAL, "longest time of a soft stop", |line| {
        let time = line.args.time("a time")?;
        match time.is_zero() {
            true => line.section.unset::<HardStopAfter>(),
            false => line.section.set(HardStopAfter(time)),
        }
        Ok(())
    })
}
