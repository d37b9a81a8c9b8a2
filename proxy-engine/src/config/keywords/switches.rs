//! Options of HTTP that are on or off.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Line, Parsed, Sections, Sense};

use crate::policy::Switches;

const BOTH: Sections = Sections::PROXY.union(Sections::DEFAULTS);
const SERVER: Sections = Sections::BACKEND.union(Sections::DEFAULTS);
const CLIENT: Sections = Sections::FRONTEND.union(Sections::DEFAULTS);
const NO_SERVERS: Sections = Sections::only(Kind::Frontend);
const NO_CLIENTS: Sections = Sections::only(Kind::Backend);

fn switch(line: &mut Line<'_, '_>, field: fn(&mut Switches) -> &mut bool) -> Parsed {
    *field(line.section.get_mut()) = line.sense == Sense::Plain;
    Ok(())
}

inventory::submit! {
    Directive::new("option http-ignore-probes", "", CLIENT, "do not log or answer connections without a request", |line| {
        switch(line, |switches| &mut switches.ignore_probes)
    }).negatable().idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option http-no-delay", "", BOTH, "forward small pieces without delay", |line| {
        switch(line, |switches| &mut switches.no_delay)
    }).negatable()
}

inventory::submit! {
    Directive::new(
        "option http-pretend-keepalive",
        "",
        SERVER,
        "do not announce to servers that their connections close after the response",
        |line| switch(line, |switches| &mut switches.pretend_keep_alive),
    )
    .negatable()
    .idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("option http-buffer-request", "", BOTH, "wait for the request's body before processing it", |line| {
        switch(line, |switches| &mut switches.buffer_request)
    }).negatable()
}

inventory::submit! {
    Directive::new("option prefer-last-server", "", SERVER, "prefer the server of the client's last request", |line| {
        switch(line, |switches| &mut switches.prefer_last_server)
    }).negatable().idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new(
        "option accept-unsafe-violations-in-http-request",
        "",
        CLIENT,
        "accept requests that violate the rules of HTTP",
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
        "accept responses that violate the rules of HTTP",
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
