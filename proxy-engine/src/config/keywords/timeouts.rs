//! `timeout client`, `server`, `connect` and the others.

use std::time::Duration;

use proxy_config::endpoint::Servers;
use proxy_config::inventory;
use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Line, Parsed, Sections};

use crate::policy::Timeouts;

/// A smaller number without a unit may have been meant in seconds; HAProxy warns below the same limit.
const SUSPICIOUS: Duration = Duration::from_millis(100);

fn read(line: &mut Line<'_, '_>, field: fn(&mut Timeouts) -> &mut Option<Duration>) -> Parsed {
    *field(line.section.get_mut()) = timeout(line)?;
    Ok(())
}

/// Reads a timeout; 0 is none.
pub(super) fn timeout(line: &mut Line<'_, '_>) -> Parsed<Option<Duration>> {
    let word = line.args.peek();
    let time = line.args.time("a time")?;
    if let Some(word) = word
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && !time.is_zero()
        && time < SUSPICIOUS
    {
        let message = format!("a timeout of {} milliseconds is very short", time.as_millis());
        let help = format!("write '{}ms' if this is intended", time.as_millis());
        line.surroundings.diagnostics.push(Diagnostic::warning(word.span, message).help(help));
    }
    Ok(Some(time).filter(|time| !time.is_zero()))
}

const CLIENT: Sections = Sections::FRONTEND.union(Sections::DEFAULTS);
const SERVER: Sections = Sections::BACKEND.union(Sections::DEFAULTS);
const NO_CLIENTS: Sections = Sections::only(Kind::Backend);
const NO_SERVERS: Sections = Sections::only(Kind::Frontend);

inventory::submit! {
    Directive::new("timeout client", "<time>", CLIENT, "longest silence of a client", |line| {
        read(line, |timeouts| &mut timeouts.client)
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("timeout client-hs", "<time>", CLIENT, "longest handshake of a client", |line| {
        read(line, |timeouts| &mut timeouts.client_hs)
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("timeout client-fin", "<time>", CLIENT, "longest silence of a half-closed client", |line| {
        read(line, |timeouts| &mut timeouts.client_fin)
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("timeout server", "<time>", SERVER, "longest silence of a server", |line| {
        read(line, |timeouts| &mut timeouts.server)
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("timeout server-fin", "<time>", SERVER, "longest silence of a half-closed server", |line| {
        read(line, |timeouts| &mut timeouts.server_fin)
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("timeout connect", "<time>", SERVER, "longest time of one attempt to connect", |line| {
        read(line, |timeouts| &mut timeouts.connect)
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("timeout tunnel", "<time>", SERVER, "longest silence of both sides", |line| {
        read(line, |timeouts| &mut timeouts.tunnel)
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("timeout queue", "<time>", SERVER, "longest wait for a server's slot", |line| {
        read(line, |timeouts| &mut timeouts.queue)
    }).idle_in(NO_SERVERS)
}

inventory::submit! { Check { name: "timeouts", run: check } }

/// Warns of missing timeouts, as HAProxy does: the proxy would wait forever for a peer that has vanished.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    // After an error it is not known what is missing: a line with it may not have been understood.
    if !diagnostics.is_usable() {
        return;
    }
    for section in &configuration.proxies {
        let timeouts: Timeouts = section.values.get_or_default();
        let has_servers = section.get::<Servers>().is_some();
        let client = section.kind.is_frontend() && timeouts.client.is_none();
        let server = section.kind.is_backend() && has_servers;
        let missing: Vec<&str> = [
            ("client", client),
            ("connect", server && timeouts.connect.is_none()),
            ("server", server && timeouts.server.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, missing)| missing.then_some(name))
        .collect();
        if !missing.is_empty() {
            let message = format!("missing timeouts for {} '{}'", section.kind, section.name);
            let help = format!("without 'timeout {}' it waits forever", missing.join("', 'timeout "));
            diagnostics.push(Diagnostic::warning(section.span(), message).help(help));
        }
    }
}
