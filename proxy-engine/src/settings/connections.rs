//! How a proxy connects: `retries`, `option redispatch`, `source`, and the options that concern sockets.

use std::time::Duration;

use proto_core::options::SocketOption;
use proto_core::spec::Settings;
use proto_core::units::TimeUnit;
use proxy_config::inventory;
use proxy_config::{Directive, Kind, Line, Parsed, Sections, Sense, mistake};

use crate::policy::Redispatch;

/// Attempts to connect after the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries(pub u32);

const SERVER: Sections = Sections::BACKEND.or(Sections::DEFAULTS);
const CLIENT: Sections = Sections::FRONTEND.or(Sections::DEFAULTS);
const NO_SERVERS: Sections = Sections::only(Kind::Frontend);
const NO_CLIENTS: Sections = Sections::only(Kind::Backend);

inventory::submit! {
    Directive::new("retries", "<number>", SERVER, "attempts to connect after the first", |line| {
        let retries = line.args.number(0..=u32::MAX, "attempts")?;
        line.section.set(Retries(retries));
        Ok(())
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new(
        "option redispatch",
        "[<interval>]",
        SERVER,
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
    .idle_in(NO_SERVERS)
}

/// All backup servers are used while no other can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AllBackups(pub bool);

inventory::submit! {
    Directive::new("option allbackups", "", SERVER, "use all backup servers at once, not only the first", |line| {
        line.section.set(AllBackups(line.sense == Sense::Plain));
        Ok(())
    })
    .negatable()
    .idle_in(NO_SERVERS)
}

/// Socket options that are set for a whole proxy.
#[derive(Clone, Debug, Default)]
pub struct TcpTuning {
    /// `option nolinger`.
    pub no_linger: bool,
    /// `option clitcpka` and its numbers: of clients' connections.
    pub client: KeepAlive,
    /// `option srvtcpka` and its numbers: of servers' connections.
    pub server: KeepAlive,
    /// `option tcp-smart-accept`: the first acknowledgement may wait for something to say.
    pub smart_accept: bool,
    /// `option tcp-smart-connect`: the same towards the server.
    pub smart_connect: bool,
}

/// Probes of idle connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepAlive {
    /// Whether there are any.
    pub on: bool,
    /// How many go unanswered before the connection is given up.
    pub count: Option<u8>,
    /// How long a connection is idle before the first.
    pub idle: Option<Duration>,
    /// How long between two.
    pub interval: Option<Duration>,
}

impl KeepAlive {
    /// The options as keywords of a line would set them; those of the line come first.
    pub fn apply(&self, settings: &mut Settings) {
        if !self.on {
            return;
        }
        let wanted = [
            Some(SocketOption::KeepAlive),
            self.count.map(SocketOption::KeepAliveCount),
            self.idle.map(SocketOption::KeepAliveIdle),
            self.interval.map(SocketOption::KeepAliveInterval),
        ];
        for option in wanted.into_iter().flatten() {
            if !settings.options.has(&option) {
                settings.options.set(option);
            }
        }
    }
}

/// `option clitcpka` and its like.
fn switch(line: &mut Line<'_, '_>, set: impl FnOnce(&mut TcpTuning, bool)) -> Parsed {
    let on = line.sense == Sense::Plain;
    set(line.section.get_mut(), on);
    Ok(())
}

inventory::submit! {
    Directive::new("option tcpka", "", Sections::PROXY.or(Sections::DEFAULTS), "probe idle connections of both sides", |line| {
        switch(line, |tuning, on| (tuning.client.on, tuning.server.on) = (on, on))
    }).negatable()
}

inventory::submit! {
    Directive::new("option clitcpka", "", CLIENT, "probe idle connections of clients", |line| {
        switch(line, |tuning, on| tuning.client.on = on)
    }).negatable().idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option srvtcpka", "", SERVER, "probe idle connections of servers", |line| {
        switch(line, |tuning, on| tuning.server.on = on)
    }).negatable().idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("option nolinger", "", Sections::PROXY.or(Sections::DEFAULTS), "closing resets connections", |line| {
        switch(line, |tuning, on| tuning.no_linger = on)
    }).negatable()
}

inventory::submit! {
    Directive::new("option tcp-smart-accept", "", CLIENT, "a client's first bytes are acknowledged by the answer", |line| {
        switch(line, |tuning, on| tuning.smart_accept = on)
    }).negatable().idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option tcp-smart-connect", "", SERVER, "a server's handshake is acknowledged by the request", |line| {
        switch(line, |tuning, on| tuning.smart_connect = on)
    }).negatable().idle_in(NO_SERVERS)
}

/// 0 leaves it to the system.
fn probes(line: &mut Line<'_, '_>) -> Parsed<Option<u8>> {
    // 127 is what the kernel takes for TCP_KEEPCNT (MAX_TCP_KEEPCNT in net/tcp.h).
    let count = line.args.number(0..=127, "unanswered probes that end a connection")?;
    Ok(Some(count).filter(|count| *count > 0))
}

/// 0 leaves it to the system.
fn seconds(line: &mut Line<'_, '_>) -> Parsed<Option<Duration>> {
    let word = line.args.peek();
    let time = line.args.time_in(TimeUnit::Seconds, "whole seconds, up to 32767s")?;
    match time {
        // 32767 is what the kernel takes for TCP_KEEPIDLE and TCP_KEEPINTVL (MAX_TCP_KEEPIDLE in net/tcp.h).
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
        let count = probes(line)?;
        line.section.get_mut::<TcpTuning>().client.count = count;
        Ok(())
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("clitcpka-idle", "<time>", CLIENT, "how long a client is silent before it is probed", |line| {
        let time = seconds(line)?;
        line.section.get_mut::<TcpTuning>().client.idle = time;
        Ok(())
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("clitcpka-intvl", "<time>", CLIENT, "time between two probes of a client", |line| {
        let time = seconds(line)?;
        line.section.get_mut::<TcpTuning>().client.interval = time;
        Ok(())
    }).idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("srvtcpka-cnt", "<number>", SERVER, "unanswered probes that end a server's connection", |line| {
        let count = probes(line)?;
        line.section.get_mut::<TcpTuning>().server.count = count;
        Ok(())
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("srvtcpka-idle", "<time>", SERVER, "how long a server is silent before it is probed", |line| {
        let time = seconds(line)?;
        line.section.get_mut::<TcpTuning>().server.idle = time;
        Ok(())
    }).idle_in(NO_SERVERS)
}

inventory::submit! {
    Directive::new("srvtcpka-intvl", "<time>", SERVER, "time between two probes of a server", |line| {
        let time = seconds(line)?;
        line.section.get_mut::<TcpTuning>().server.interval = time;
        Ok(())
    }).idle_in(NO_SERVERS)
}

/// `source`: what the servers of a proxy get that say nothing themselves.
#[derive(Clone, Debug)]
pub struct SourceAddress(pub Settings);

inventory::submit! {
    Directive::new(
        "source",
        "<address>[:<port>] [usesrc <address>|client|clientip] [interface <name>]",
        SERVER,
        "address that connections to servers come from",
        |line| {
            // The words of a server line, in the order in which they stand here.
            let mut settings = Settings::default();
            let mut names = vec!["source"];
            while let Some(name) = names.pop().or_else(|| line.args.take().map(|word| word.text.as_str())) {
                let span = line.args.last();
                let keyword = ["source", "usesrc", "interface"]
                    .contains(&name)
                    .then(|| line.surroundings.registry.keyword(proto_core::extension::Scope::Server, name))
                    .flatten();
                let Some(keyword) = keyword else {
                    let problem = mistake(span, format!("unexpected '{name}' behind 'source'"));
                    return Err(Box::new(problem.expected("usesrc or interface")));
                };
                let value = line.args.word(&format!("{}: {}", keyword.arguments.join(" "), keyword.help))?;
                (keyword.apply)(&mut settings, &[&value.text]).map_err(|error| {
                    let message = format!("invalid value '{}' for '{name}'", error.found);
                    Box::new(mistake(value.span, message).expected(error.expected))
                })?;
            }
            line.section.set(SourceAddress(settings));
            Ok(())
        },
    )
    .idle_in(NO_SERVERS)
}
