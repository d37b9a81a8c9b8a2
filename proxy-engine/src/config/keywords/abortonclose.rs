//! `option abortonclose`.

use proxy_config::inventory;
use proxy_config::{Directive, Sections, Sense};

use crate::policy::Switches;

inventory::submit! {
    Directive::new(
        "option abortonclose",
        "",
        Sections::PROXY.union(Sections::DEFAULTS),
        "abort what waits for a server when its client closes; the default in mode http",
        |line| {
            line.section.get_mut::<Switches>().abort_on_close = match line.sense {
                Sense::Plain => Some(true),
                Sense::No => Some(false),
                Sense::Default => None,
            };
            Ok(())
        },
    )
    .negatable()
}
