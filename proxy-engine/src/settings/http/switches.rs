//! Options of HTTP that are on or off.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Line, Mode, Parsed, Sections, Sense};

/// Options that are on or off. All are off unless said, but for `abortonclose`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// `option http-ignore-probes`, of frontends: a connection that ends without a byte of a request, or by the limit
    /// for one, is neither logged nor counted nor answered.
    pub ignore_probes: bool,
    /// `option http-no-delay`, of both sides: what is sent is pushed at once, however small.
    pub no_delay: bool,
    /// `option http-buffer-request`, of both sides: the body is waited for, as much of it as a buffer takes, before
    /// rules are looked at and a server is chosen. `timeout http-request` limits that.
    pub buffer_request: bool,
    /// `option prefer-last-server`, of backends: a client's next request goes to the server that has a connection for
    /// this client alone, whatever the algorithm says, unless that is one of a key.
    pub prefer_last_server: bool,
    /// `option accept-unsafe-violations-in-http-request`, of frontends.
    pub accept_unsafe_requests: bool,
    /// `option accept-unsafe-violations-in-http-response`, of backends.
    pub accept_unsafe_responses: bool,
    /// `option h1-case-adjust-bogus-client`, of frontends: names of fields are written to clients as
    /// [`CaseAdjustments`](super::CaseAdjustments) says.
    pub adjust_client_case: bool,
    /// `option h1-case-adjust-bogus-server`, of backends: the same towards servers.
    pub adjust_server_case: bool,
    /// `option abortonclose`, if it was said; see [`aborts`](Self::aborts).
    pub abort_on_close: Option<bool>,
}

impl Switches {
    /// Whether a client that closes its direction gives up a request that has not been sent to a server yet. Unless
    /// said, HTTP does and TCP does not, as in HAProxy 3.5.
    ///
    /// That of the backend counts; that of a frontend is about TLS handshakes.
    pub fn aborts(&self, mode: Mode) -> bool {
        self.abort_on_close.unwrap_or(mode == Mode::Http)
    }
}

const BOTH: Sections = Sections::PROXY.or(Sections::DEFAULTS);
const SERVER: Sections = Sections::BACKEND.or(Sections::DEFAULTS);
const CLIENT: Sections = Sections::FRONTEND.or(Sections::DEFAULTS);
const NO_SERVERS: Sections = Sections::only(Kind::Frontend);
const NO_CLIENTS: Sections = Sections::only(Kind::Backend);

fn switch(line: &mut Line<'_, '_>, field: fn(&mut Switches) -> &mut bool) -> Parsed {
    *field(line.section.get_mut()) = line.sense == Sense::Plain;
    Ok(())
}

inventory::submit! {
    Directive::new("option http-ignore-probes", "", CLIENT, "say nothing of connections that bring no request", |line| {
        switch(line, |switches| &mut switches.ignore_probes)
    }).negatable().idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option http-no-delay", "", BOTH, "send at once what is little, too", |line| {
        switch(line, |switches| &mut switches.no_delay)
    }).negatable()
}

inventory::submit! {
    Directive::new("option http-buffer-request", "", BOTH, "wait for the request's body before going on", |line| {
        switch(line, |switches| &mut switches.buffer_request)
    }).negatable()
}

inventory::submit! {
    Directive::new("option prefer-last-server", "", SERVER, "go on with the server that a client was on", |line| {
        switch(line, |switches| &mut switches.prefer_last_server)
    }).negatable().idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new(
        "option accept-unsafe-violations-in-http-request",
        "",
        CLIENT,
        "let requests through that break the rules of HTTP",
        |line| switch(line, |switches| &mut switches.accept_unsafe_requests),
    )
    .negatable()
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new(
        "option accept-unsafe-violations-in-http-response",
        "",
        SERVER,
        "let responses through that break the rules of HTTP",
        |line| switch(line, |switches| &mut switches.accept_unsafe_responses),
    )
    .negatable()
    .idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("option h1-case-adjust-bogus-client", "", CLIENT, "adjust the case of names sent to clients", |line| {
        switch(line, |switches| &mut switches.adjust_client_case)
    }).negatable().idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option h1-case-adjust-bogus-server", "", SERVER, "adjust the case of names sent to servers", |line| {
        switch(line, |switches| &mut switches.adjust_server_case)
    }).negatable().idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("option abortonclose", "", BOTH, "a client that closes gives up what has not begun", |line| {
        line.section.get_mut::<Switches>().abort_on_close = match line.sense {
            Sense::Plain => Some(true),
            Sense::No => Some(false),
            Sense::Default => None,
        };
        Ok(())
    }).negatable()
}
