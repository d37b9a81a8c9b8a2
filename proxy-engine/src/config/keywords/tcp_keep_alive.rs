//! `option tcpka`, `clitcpka` and `srvtcpka`, and the settings of their probes.

use std::time::Duration;

use proto_core::units::TimeUnit;
use proxy_config::inventory;
use proxy_config::{Directive, Kind, Line, Parsed, Sections, Sense, mistake};

use crate::policy::{KeepAlive, TcpTuning};

const SERVER: Sections = Sections::BACKEND.union(Sections::DEFAULTS);
const CLIENT: Sections = Sections::FRONTEND.union(Sections::DEFAULTS);
const NO_SERVERS: Sections = Sections::only(Kind::Frontend);
const NO_CLIENTS: Sections = Sections::only(Kind::Backend);

type Side = fn(&mut TcpTuning) -> &mut KeepAlive;

const CLIENTS: Side = |tuning| &mut tuning.client;
const SERVERS: Side = |tuning| &mut tuning.server;

fn switch(line: &mut Line<'_, '_>, sides: &[Side]) -> Parsed {
    for side in sides {
        side(line.section.get_mut()).on = line.sense == Sense::Plain;
    }
    Ok(())
}

inventory::submit! {
    Directive::new(
        "option tcpka",
        "",
        Sections::PROXY.union(Sections::DEFAULTS),
        "probe idle connections of both sides",
        |line| switch(line, &[CLIENTS, SERVERS]),
    )
    .negatable()
}

inventory::submit! {
    Directive::new("option clitcpka", "", CLIENT, "probe idle connections of clients", |line| {
        switch(line, &[CLIENTS])
    }).negatable().idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option srvtcpka", "", SERVER, "probe idle connections of servers", |line| {
        switch(line, &[SERVERS])
    }).negatable().idle_in(NO_SERVERS)
}

/// Reads a number of probes; 0 keeps the system's default.
fn set_count(line: &mut Line<'_, '_>, side: Side) -> Parsed {
    // 127 is the largest TCP_KEEPCNT of the kernel (MAX_TCP_KEEPCNT in net/tcp.h).
    let count = line.args.number(0..=127, "unanswered probes that end a connection")?;
    side(line.section.get_mut()).count = Some(count).filter(|count| *count > 0);
    Ok(())
}

/// Reads a time; 0 keeps the system's default.
fn seconds(line: &mut Line<'_, '_>) -> Parsed<Option<Duration>> {
    let word = line.args.peek();
    let time = line.args.time_in(TimeUnit::Seconds, "whole seconds, up to 32767s")?;
    match time {
        // 32767 is the largest TCP_KEEPIDLE and TCP_KEEPINTVL of the kernel (MAX_TCP_KEEPIDLE in net/tcp.h).
        time if time.subsec_nanos() == 0 && time.as_secs() <= 32_767 => {
            Ok(Some(time).filter(|time| !time.is_zero()))
        }
        _ => {
            let text = word.map_or("", |word| &word.text);
            let problem = mistake(line.args.last(), format!("invalid value '{text}' for this time"));
            Err(Box::new(problem.expected("whole seconds, up to 32767s")))
        }
    }
}

inventory::submit! {
    Directive::new("clitcpka-cnt", "<number>", CLIENT, "unanswered probes that end a client's connection", |line| {
        set_count(line, CLIENTS)
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("clitcpka-idle", "<time>", CLIENT, "how long a client is silent before it is probed", |line| {
        let time = seconds(line)?;
        CLIENTS(line.section.get_mut()).idle = time;
        Ok(())
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("clitcpka-intvl", "<time>", CLIENT, "time between two probes of a client", |line| {
        let time = seconds(line)?;
        CLIENTS(line.section.get_mut()).interval = time;
        Ok(())
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("srvtcpka-cnt", "<number>", SERVER, "unanswered probes that end a server's connection", |line| {
        set_count(line, SERVERS)
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("srvtcpka-idle", "<time>", SERVER, "how long a server is silent before it is probed", |line| {
        let time = seconds(line)?;
        SERVERS(line.section.get_mut()).idle = time;
        Ok(())
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("srvtcpka-intvl", "<time>", SERVER, "time between two probes of a server", |line| {
        let time = seconds(line)?;
        SERVERS(line.section.get_mut()).interval = time;
        Ok(())
    }).idle_in(NO_SERVERS)
}
