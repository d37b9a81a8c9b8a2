//! `timeout http-request`, `http-keep-alive` and `tarpit`.

use std::time::Duration;

use proxy_config::inventory;
use proxy_config::{Directive, Line, Parsed, Sections};

use super::timeouts::timeout;
use crate::policy::HttpTimeouts;

const BOTH: Sections = Sections::PROXY.union(Sections::DEFAULTS);

fn read(line: &mut Line<'_, '_>, field: fn(&mut HttpTimeouts) -> &mut Option<Duration>) -> Parsed {
    *field(line.section.get_mut()) = timeout(line)?;
    Ok(())
}

inventory::submit! {
    Directive::new("timeout http-request", "<time>", BOTH, "longest wait for a whole request head", |line| {
        read(line, |timeouts| &mut timeouts.request)
    })
}

inventory::submit! {
    Directive::new("timeout http-keep-alive", "<time>", BOTH, "longest wait for a client's next request", |line| {
        read(line, |timeouts| &mut timeouts.keep_alive)
    })
}

inventory::submit! {
    Directive::new("timeout tarpit", "<time>", BOTH, "how long a request is held in a tarpit", |line| {
        read(line, |timeouts| &mut timeouts.tarpit)
    })
}
