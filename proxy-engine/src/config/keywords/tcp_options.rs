//! `option nolinger`, `tcp-smart-accept` and `tcp-smart-connect`: how sockets close, and when they acknowledge.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Line, Parsed, Sections, Sense};

use crate::policy::TcpTuning;

fn switch(line: &mut Line<'_, '_>, field: fn(&mut TcpTuning) -> &mut bool) -> Parsed {
    *field(line.section.get_mut()) = line.sense == Sense::Plain;
    Ok(())
}

inventory::submit! {
    Directive::new(
        "option nolinger",
        "",
        Sections::PROXY.union(Sections::DEFAULTS),
        "reset connections when they are closed",
        |line| switch(line, |tuning| &mut tuning.no_linger),
    )
    .negatable()
}

inventory::submit! {
    Directive::new(
        "option tcp-smart-accept",
        "",
        Sections::FRONTEND.union(Sections::DEFAULTS),
        "acknowledge a client's first bytes with the response",
        |line| switch(line, |tuning| &mut tuning.smart_accept),
    )
    .negatable()
    .idle_in(Sections::only(Kind::Backend))
}

inventory::submit! {
    Directive::new(
        "option tcp-smart-connect",
        "",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "acknowledge a server's handshake with the request",
        |line| switch(line, |tuning| &mut tuning.smart_connect),
    )
    .negatable()
    .idle_in(Sections::only(Kind::Frontend))
}
