//! `ulimit-n`, `strict-limits`: limits of the process.

use proxy_config::{Directive, Sections, Sense, inventory};

/// `ulimit-n`: the limit on open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UlimitN(pub(crate) u64);

/// `strict-limits`: whether the process refuses to start when a limit cannot be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StrictLimits(pub(crate) bool);

impl Default for StrictLimits {
    fn default() -> StrictLimits {
        StrictLimits(true)
    }
}

/// The highest limit, HAProxy's.
const MOST: u64 = i32::MAX as u64;

inventory::submit! {
    Directive::new("ulimit-n", "<number>", Sections::GLOBAL, "open files at once, by default as needed", |line| {
        let number = line.args.number(0..=MOST, "open files at once")?;
        match line.section.get::<UlimitN>() {
            Some(_) => super::said_before(line, "'ulimit-n'"),
            // 0 means the default.
            None if number == 0 => {}
            None => line.section.set(UlimitN(number)),
        }
        Ok(())
    })
}

inventory::submit! {
    Directive::new("strict-limits", "", Sections::GLOBAL, "do not start when a limit cannot be raised", |line| {
        line.section.set(StrictLimits(line.sense != Sense::No));
        Ok(())
    })
    .negatable()
}
