//! `agent-check`, `agent-port`, `agent-addr`, `agent-inter`, `agent-send`: an agent is asked about the server.

use std::net::IpAddr;
use std::time::Duration;

use proto_core::address::AddressSpec;
use proxy_config::{Parameter, Scope, Spanned};

use super::server_check::ServerCheck;
use super::time::interval;
use crate::interval::Intervals;

/// The agent check of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentCheck {
    /// Whether the agent is asked.
    pub enabled: bool,
    /// The port of the agent.
    pub port: Option<u16>,
    /// The address of the agent.
    pub address: Option<Spanned<IpAddr>>,
    /// The time from one question to the next.
    pub interval: Option<Duration>,
    /// The text to send; without one the agent answers at once.
    pub send: Option<Box<str>>,
}

impl AgentCheck {
    /// Returns the port of the agent: without one of its own, that of the health check.
    pub fn port(&self, check: &ServerCheck) -> Option<u16> {
        self.port.or(check.port)
    }

    /// Returns the address of the agent: its own, that of the health check, or that of the server. It is reached over TCP.
    pub fn address(&self, check: &ServerCheck, of_server: &AddressSpec) -> AddressSpec {
        let of_check = check.address.as_ref().map_or(of_server, |address| &address.value);
        match &self.address {
            Some(own) => of_server.with_ip(own.value),
            None => of_check.clone(),
        }
    }

    /// Returns the intervals. An agent is asked at the same interval, whatever it answers.
    pub fn intervals(&self) -> Intervals {
        Intervals { normal: self.interval.unwrap_or(Intervals::DEFAULT), fast: None, down: None }
    }
}

inventory::submit! {
    Parameter::new("agent-check", Scope::Server, "", "ask an agent about the server", |endpoint| {
        endpoint.values.get_mut::<AgentCheck>().enabled = true;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("no-agent-check", Scope::Server, "", "do not ask an agent about the server", |endpoint| {
        endpoint.values.get_mut::<AgentCheck>().enabled = false;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("agent-port", Scope::Server, "<port>", "the port of the agent", |endpoint| {
        let port = endpoint.args.number(1..=u16::MAX, "a port")?;
        endpoint.values.get_mut::<AgentCheck>().port = Some(port);
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("agent-addr", Scope::Server, "<addr>", "the address of the agent", |endpoint| {
        let value = endpoint.args.parse::<IpAddr>("an IP address")?;
        let span = endpoint.args.last();
        endpoint.values.get_mut::<AgentCheck>().address = Some(Spanned { value, span });
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("agent-inter", Scope::Server, "<time>", "the time from one question to the next", |endpoint| {
        let time = interval(endpoint)?;
        endpoint.values.get_mut::<AgentCheck>().interval = Some(time);
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("agent-send", Scope::Server, "<text>", "what the agent is asked", |endpoint| {
        let text = endpoint.args.word("a text")?.text.as_str().into();
        endpoint.values.get_mut::<AgentCheck>().send = Some(text);
        Ok(())
    })
}
