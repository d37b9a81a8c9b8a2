//! `option redispatch`.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections, Sense};

use crate::policy::Redispatch;

inventory::submit! {
    Directive::new(
        "option redispatch",
        "[<interval>]",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "a session that cannot connect may go to another server",
        |line| {
            let every = match line.args.peek() {
                Some(_) if line.sense == Sense::Plain => {
                    line.args.number(i32::MIN..=i32::MAX, "at which attempts to change, counted from the end if negative")?
                }
                // The last attempt.
                _ => -1,
            };
            line.section.set(match (line.sense, every) {
                (Sense::Plain, 0) | (Sense::No | Sense::Default, _) => Redispatch::Off,
                (Sense::Plain, every) if every > 0 => Redispatch::Every(every.unsigned_abs()),
                (Sense::Plain, every) => Redispatch::BeforeLast(every.unsigned_abs()),
            });
            Ok(())
        },
    )
    .negatable()
    .idle_in(Sections::only(Kind::Frontend))
}
