//! `timeout http-request`, `http-keep-alive` and `tarpit`.

use std::time::Duration;

use proxy_config::inventory;
use proxy_config::{Directive, Line, Parsed, Sections};

use crate::settings::timeouts::limit;

/// How long things of HTTP may take. `None` was not said, or said to be 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpTimeouts {
    /// A request's head, from its first byte; for the first of a connection, from the start. With
    /// [`buffer_request`](super::Switches::buffer_request) its body, too. Without it only the client's silence is
    /// limited. That of the frontend counts; that of the backend for the body alone.
    pub request: Option<Duration>,
    /// Until the first byte of a client's next request; without it [`request`](Self::request), and without that the
    /// limit of the client's silence.
    pub keep_alive: Option<Duration>,
    /// How long a request that was caught in a tarpit waits for its answer; without it the limit of connecting.
    pub tarpit: Option<Duration>,
}

const BOTH: Sections = Sections::PROXY.or(Sections::DEFAULTS);

fn read(line: &mut Line<'_, '_>, field: fn(&mut HttpTimeouts) -> &mut Option<Duration>) -> Parsed {
    *field(line.section.get_mut()) = limit(line)?;
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
