//! `insecure-fork-wanted`, `insecure-setuid-wanted`: rights that the process keeps although it needs none of them.

use proxy_config::{Directive, Sections, Sense, Values, inventory};

use crate::process::Wanted;

/// Returns the values of these keywords.
pub(crate) fn hardening(global: &Values) -> Wanted {
    global.get_or_default()
}

inventory::submit! {
    Directive::new("insecure-fork-wanted", "", Sections::GLOBAL, "allow new processes", |line| {
        line.section.get_mut::<Wanted>().fork = line.sense == Sense::Plain;
        Ok(())
    })
    .negatable()
}

inventory::submit! {
    Directive::new(
        "insecure-setuid-wanted",
        "",
        Sections::GLOBAL,
        "allow programs that it executes the rights of their files' owners",
        |line| {
            line.section.get_mut::<Wanted>().setuid = line.sense == Sense::Plain;
            Ok(())
        },
    )
    .negatable()
}
