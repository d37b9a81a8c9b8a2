//! The program as its runtime socket shows it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use proto_core::address::Address;
use proxy_admin::{Info, Refusal, ServerHandle, State};
use proxy_config::{Description, Values};
use proxy_engine::{Backend, Frontend, Server, ServerPort};

use crate::settings::Node;

/// What commands ask of.
#[derive(Debug)]
pub(crate) struct Running {
    frontends: Vec<Arc<Frontend>>,
    /// Those that no frontend leads to as well.
    backends: Vec<Arc<Backend>>,
    workers: usize,
    maxconn: usize,
    node: Option<String>,
    description: Option<String>,
    started: (SystemTime, Instant),
}

impl Running {
    /// A program that has just started.
    pub(crate) fn new(
        global: &Values,
        frontends: &[Arc<Frontend>],
        backends: Vec<Arc<Backend>>,
        workers: usize,
        maxconn: usize,
    ) -> Running {
        Running {
            backends,
            frontends: frontends.to_vec(),
            workers,
            maxconn,
            node: global.get::<Node>().map(|node| node.0.clone()),
            description: global.get::<Description>().map(|description| description.0.clone()),
            started: (SystemTime::now(), Instant::now()),
        }
    }
}

impl State for Running {
    fn info(&self) -> Info {
        let (started, since) = self.started;
        let threads = narrow(self.workers);
        let current: usize = self.frontends.iter().map(|frontend| frontend.counters().current()).sum();
        let total: u64 = self.frontends.iter().map(|frontend| frontend.counters().total()).sum();
        let listeners = self.frontends.iter().map(|frontend| frontend.listeners().len()).sum();
        Info {
            thread_groups: Some(1),
            max_connections: Some(narrow(self.maxconn)),
            hard_max_connections: Some(narrow(self.maxconn)),
            connections: Some(narrow(current)),
            connections_total: Some(total as u32),
            node: self.node.clone(),
            description: self.description.clone(),
            listeners: Some(narrow(listeners)),
            streams: Some(current as u64),
            streams_total: Some(total),
            ..Info::new(env!("CARGO_PKG_VERSION"), threads, started, since.elapsed())
        }
    }

    fn server(&self, backend: &str, server: &str) -> Result<Box<dyn ServerHandle + '_>, Refusal> {
        let backend = self.backends.iter().find(|found| found.name() == backend);
        let backend = backend.ok_or_else(|| Refusal::new("No such backend."))?;
        let server = backend.server(server).ok_or_else(|| Refusal::new("No such server."))?;
        Ok(Box::new(Handle { backend, server }))
    }
}

/// A server, through the backend that has to hear of changes.
struct Handle<'a> {
    backend: &'a Arc<Backend>,
    server: &'a Arc<Server>,
}

impl ServerHandle for Handle<'_> {
    fn address(&self) -> Option<SocketAddr> {
        self.server.address().inet()
    }

    fn set_address(&self, address: SocketAddr) -> Result<(), Refusal> {
        let port = self.address().map(|old| old.port());
        if matches!(self.server.config().port, ServerPort::Offset(_)) && port != Some(address.port()) {
            return Err(Refusal::new("the port of this server follows that of the client's connection"));
        }
        // An IPv6 socket leads to mapped addresses as well.
        let began = self.server.config().address.inet();
        if began.is_some_and(|began| began.is_ipv4()) && address.is_ipv6() {
            return Err(Refusal::new("this server is reached by IPv4, and cannot move to an IPv6 address"));
        }
        let waited =
            self.server.config().unresolved && self.address().is_some_and(|old| old.ip().is_unspecified());
        self.server.set_address(Address::Inet(address));
        if waited {
            self.set_maintenance(false);
        }
        Ok(())
    }

    fn set_weight(&self, weight: u16) {
        self.backend.set_weight(self.server.name(), weight);
    }

    fn set_maintenance(&self, on: bool) {
        self.backend.set_maintenance(self.server.name(), on);
    }
}

/// HAProxy's numbers have 32 bits.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
