//! How a server, or its agent, is checked.

use std::net::SocketAddr;
use std::sync::Arc;

use proto_core::address::Address;
use proto_core::layer::Layer;
use proto_core::protocol::Connector;
use proxy_health::rules::Connect;
use proxy_health::{Deadlines, Intervals, Observer, Ruleset, Spread, Tally};

use super::sys::FilesLimit;

/// A check of a server: its health check, or the questions to its agent.
#[derive(Clone, Debug)]
pub struct HealthCheck {
    /// What is sent, and what is expected.
    pub rules: Arc<Ruleset>,
    /// The command that checks in place of them.
    pub external: Option<ExternalCheck>,
    /// The means of connecting: one for each connection of the rules, in their order.
    pub routes: Vec<CheckRoute>,
    /// Where it connects, as far as the rules leave it open.
    pub target: CheckTarget,
    /// The time from one check to the next.
    pub intervals: Intervals,
    /// By how much intervals vary.
    pub spread: Spread,
    /// The limits of a check.
    pub deadlines: Deadlines,
    /// How many checks in a row have to pass or fail.
    pub tally: Tally,
    /// How many errors of ordinary traffic in a row count like a failed check, and which (`observe`).
    pub observer: Option<Observer>,
    /// The largest response that is read, in bytes.
    pub buffer: usize,
    /// The name of this machine, if requests tell the server its state (`http-check send-state`).
    pub node: Option<Arc<str>>,
    /// Whether results that change anything are logged (`option log-health-checks`).
    pub is_logged: bool,
}

/// The address and the port of a check, each of which is that of the server if it is not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckTarget {
    /// The address; its port is 0 if only the host is given.
    pub address: Option<Address>,
    /// The port.
    pub port: Option<u16>,
}

/// A command that checks a server.
#[derive(Clone, Debug)]
pub struct ExternalCheck {
    /// The path of the command, or its name in `path`.
    pub command: String,
    /// The value of `PATH`.
    pub path: String,
    /// Whether it gets the environment of this process besides that of the check.
    pub keeps_environment: bool,
    /// The limit on its open files.
    pub files: Option<FilesLimit>,
}

/// The means of opening a connection of a check.
#[derive(Clone, Debug)]
pub struct CheckRoute {
    /// The connector of the protocol.
    pub connector: Arc<dyn Connector>,
    /// The address that the rules say.
    pub address: Option<Address>,
    /// The port that the rules say.
    pub port: Option<u16>,
    /// The address to connect to instead: a host that forwards at the request of a layer.
    pub via: Option<Address>,
    /// The layers on a connection, the one next to the transport first.
    pub layers: Vec<Arc<dyn Layer>>,
    /// Whether a connection passes only as one of the transport, not as its fallback (`check-mptcp`).
    pub is_native: bool,
}

impl HealthCheck {
    /// Returns the route of a connection of the rules.
    pub(super) fn route(&self, connect: &Connect) -> Option<&CheckRoute> {
        let position = self.rules.connections().position(|other| std::ptr::eq(other, connect))?;
        self.routes.get(position)
    }
}

impl CheckRoute {
    /// Returns the address to check of a server with this address; `port` is the one that a step says.
    pub(super) fn address(&self, server: &Address, target: &CheckTarget, port: Option<u16>) -> Address {
        let address = self.address.as_ref().or(target.address.as_ref()).unwrap_or(server);
        let Some(inet) = address.inet() else { return address.clone() };
        let own = Some(inet.port()).filter(|port| *port > 0);
        let of_server = || server.inet().map(|server| server.port());
        let port = port.or(self.port).or(target.port).or(own).or_else(of_server);
        SocketAddr::new(inet.ip(), port.unwrap_or(0)).into()
    }
}
