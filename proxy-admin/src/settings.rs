//! The settings of the runtime socket in the configuration: `stats socket`, `stats timeout`, `stats maxconn`,
//! `tune.cli.max-payload-size`, and the words `level`, `severity-output` and `expose-fd`.
//!
//! HAProxy accepts these words on every bind line and uses them only on those of the runtime socket; so does
//! this.

use std::time::Duration;

use proto_core::address::AddressSpec;
use proxy_config::endpoint::{Parameters, bind_addresses};
use proxy_config::{Directive, Line, Parameter, Parsed, Scope, Sections, Span, mistake};

use crate::level::Level;
use crate::severity::SeverityOutput;

/// A `stats socket` line.
#[derive(Clone, Debug)]
pub struct StatsSocket {
    /// The position of its addresses.
    pub span: Span,
    /// The addresses to listen on.
    pub addresses: Vec<AddressSpec>,
    /// Its parameters. As on a bind line, each has to be one of the protocol that is finally used.
    pub parameters: Parameters,
}

/// The settings of the clients of a socket.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientSettings {
    /// What they may do.
    pub level: Level,
    /// How severities are shown to them at first.
    pub severity: SeverityOutput,
    /// Whether they may be passed the sockets that the program listens on (`expose-fd listeners`).
    pub exposes_listeners: bool,
}

/// `expose-fd listeners`
#[derive(Clone, Copy, Debug)]
struct ExposesListeners;

impl StatsSocket {
    /// Returns the settings of its clients.
    pub fn clients(&self) -> ClientSettings {
        let values = &self.parameters.values;
        ClientSettings {
            level: values.get_or_default(),
            severity: values.get_or_default(),
            exposes_listeners: values.get::<ExposesListeners>().is_some(),
        }
    }
}

/// The `stats socket` lines.
#[derive(Clone, Debug, Default)]
pub struct StatsSockets(pub Vec<StatsSocket>);

/// How long a client may be silent (`stats timeout`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatsTimeout(pub Duration);

/// The most clients at once (`stats maxconn`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatsMaxConn(pub usize);

/// The longest payload, in bytes (`tune.cli.max-payload-size`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPayload(pub usize);

inventory::submit! {
    Directive::new(
        "stats socket",
        "<address>[,...] [<parameter>...]",
        Sections::GLOBAL,
        "accept commands on these addresses; takes the parameters of bind lines",
        stats_socket,
    )
}

fn stats_socket(line: &mut Line<'_, '_>) -> Parsed {
    let word = line.args.word("a path or an address to listen on")?;
    let (span, addresses) = (word.span, bind_addresses(word, line.surroundings));
    let mut parameters = Parameters::default();
    parameters.read(Scope::Bind, line.parameters, &mut line.args, line.surroundings);
    if let Some(addresses) = addresses {
        line.section.get_mut::<StatsSockets>().0.push(StatsSocket { span, addresses, parameters });
    }
    Ok(())
}

inventory::submit! {
    Directive::new("stats timeout", "<time>", Sections::GLOBAL, "timeout of clients of the runtime socket", |line| {
        let time = line.args.time("a time")?;
        if time.is_zero() {
            return Err(mistake(line.args.last(), "expected a time of at least 1ms"));
        }
        line.section.set(StatsTimeout(time));
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats maxconn", "<number>", Sections::GLOBAL, "most clients of the runtime socket at once", |line| {
        let number = line.args.number(1..=i32::MAX as usize, "clients at once")?;
        line.section.set(StatsMaxConn(number));
        Ok(())
    })
}

inventory::submit! {
    Directive::new(
        "tune.cli.max-payload-size",
        "<size>",
        Sections::GLOBAL,
        "longest payload of a command",
        |line| {
            let size = line.args.size("a size")?;
            let size = usize::try_from(size).ok().filter(|size| i32::try_from(*size).is_ok());
            line.section.set(MaxPayload(size.ok_or_else(|| mistake(line.args.last(), "expected less than 2g"))?));
            Ok(())
        },
    )
}

inventory::submit! {
    Parameter::new("level", Scope::Bind, "user|operator|admin", "what clients of the runtime socket may do", |endpoint| {
        let level = endpoint.args.one_of(&Level::ALL)?;
        endpoint.values.set(level);
        Ok(())
    })
}

inventory::submit! {
    Parameter::new(
        "severity-output",
        Scope::Bind,
        "none|number|string",
        "whether messages of the runtime socket begin with their severity",
        |endpoint| {
            let output = endpoint.args.one_of(&SeverityOutput::ALL)?;
            endpoint.values.set(output);
            Ok(())
        },
    )
}

inventory::submit! {
    Parameter::new(
        "expose-fd",
        Scope::Bind,
        "listeners",
        "pass the listening sockets to clients of the runtime socket that ask for them",
        |endpoint| {
            let exposed = endpoint.args.one_of(&[("listeners", ExposesListeners)])?;
            endpoint.values.set(exposed);
            Ok(())
        },
    )
}
