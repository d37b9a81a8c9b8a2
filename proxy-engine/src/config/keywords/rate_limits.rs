//! `rate-limit sessions` of frontends, `maxconnrate` and `maxsessrate` of the process: the most in a second.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Line, Parsed, Sections};

use crate::policy::{ConnectionRate, ProcessSessionRate, SessionRate};

/// The largest limit.
const MOST: u32 = i32::MAX.unsigned_abs();

fn rate(line: &mut Line<'_, '_>, what: &str) -> Parsed<u32> {
    line.args.number(0..=MOST, what)
}

inventory::submit! {
    Directive::new(
        "rate-limit sessions",
        "<number>",
        Sections::FRONTEND.union(Sections::DEFAULTS),
        "most new sessions in a second; 0 for no limit",
        |line| {
            let rate = rate(line, "sessions in a second")?;
            line.section.set(SessionRate(rate));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Backend))
}

inventory::submit! {
    Directive::new("maxconnrate", "<number>", Sections::GLOBAL, "most new connections of all frontends in a second", |line| {
        let rate = rate(line, "connections in a second")?;
        line.section.set(ConnectionRate(rate));
        Ok(())
    })
}

inventory::submit! {
    Directive::new("maxsessrate", "<number>", Sections::GLOBAL, "most new sessions of all frontends in a second", |line| {
        let rate = rate(line, "sessions in a second")?;
        line.section.set(ProcessSessionRate(rate));
        Ok(())
    })
}
