//! `fullconn` of backends.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections};

use crate::policy::FullConn;

inventory::submit! {
    Directive::new(
        "fullconn",
        "<number>",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "sessions of the backend from which servers with 'minconn' have their whole 'maxconn'",
        |line| {
            let number = line.args.number(0..=i32::MAX as usize, "concurrent sessions")?;
            line.section.set(FullConn(number));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
