//! `set-src`, `set-src-port`, `set-dst`, `set-dst-port`: replaces the addresses of the client's connection for the
//! rules that follow, for log lines, and for what is passed on to servers. The connection itself stays as it is.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use proto_core::address::Address;
use proxy_config::Parsed;

use crate::action::{Action, ActionArguments, ActionEntry};
use crate::changes::Changes;
use crate::context::Context;
use crate::expression::Expression;
use crate::points::HookPoint;
use crate::sample::{Sample, Type};
use crate::verdict::Verdict;

/// An end of the connection.
#[derive(Clone, Copy, Debug)]
enum End {
    Source,
    Destination,
}

impl End {
    fn now<'c>(self, context: &'c Context<'_>) -> &'c Address {
        match self {
            End::Source => context.source(),
            End::Destination => context.destination(),
        }
    }

    fn of(self, changes: &mut Changes) -> &mut Option<Address> {
        match self {
            End::Source => &mut changes.source,
            End::Destination => &mut changes.destination,
        }
    }
}

/// Sets the address or the port, and keeps the other part if there is one.
#[derive(Debug)]
struct SetAddress {
    end: End,
    takes: Type,
    value: Expression,
}

impl Action for SetAddress {
    /// A missing value, or an invalid port, leaves the address as it is.
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let now = self.end.now(context).known_as();
        let value = self.value.get(context).and_then(|sample| sample.cast(self.takes));
        let new = match value {
            Some(Sample::Ip(ip)) => SocketAddr::new(ip, now.map_or(0, |now| now.port())),
            Some(Sample::Integer(port)) => {
                let Ok(port) = u16::try_from(port) else { return Verdict::Continue };
                SocketAddr::new(now.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |now| now.ip()), port)
            }
            _ => return Verdict::Continue,
        };
        *self.end.of(context.changes()) = Some(Address::Inet(new));
        Verdict::Continue
    }

    fn reads_request(&self) -> bool {
        self.value.reads_request()
    }
}

fn read(action: &mut ActionArguments<'_, '_, '_>, end: End, takes: Type) -> Parsed<Box<dyn Action>> {
    let value = action.expression("an expression")?;
    if !value.gives().casts_to(takes) {
        let message = format!("'{}' gives type {}, and type {takes} is needed", value.name(), value.gives());
        return Err(action.mistake(message));
    }
    Ok(Box::new(SetAddress { end, takes, value }))
}

const HOOKS: &[HookPoint] =
    &[HookPoint::TcpConnection, HookPoint::TcpSession, HookPoint::TcpRequest, HookPoint::HttpRequest];

inventory::submit! {
    ActionEntry::new("set-src", "<expression>", HOOKS, "take the client for another address", |action| {
        read(action, End::Source, Type::Ip)
    })
}

inventory::submit! {
    ActionEntry::new("set-src-port", "<expression>", HOOKS, "take the client for another port", |action| {
        read(action, End::Source, Type::Integer)
    })
}

inventory::submit! {
    ActionEntry::new("set-dst", "<expression>", HOOKS, "take another address for the one the client connected to", |action| {
        read(action, End::Destination, Type::Ip)
    })
}

inventory::submit! {
    ActionEntry::new("set-dst-port", "<expression>", HOOKS, "take another port for the one the client connected to", |action| {
        read(action, End::Destination, Type::Integer)
    })
}
