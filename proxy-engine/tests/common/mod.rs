//! Helpers of tests with sockets on loopback.
#![allow(dead_code, clippy::unwrap_used, reason = "not every test uses all of it; a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;

use proto_core::kernel::Kernel;
use proto_core::spec::{BindSpec, ServerSpec};
use proxy_engine::{
    Backend, BackendConfig, Config, ListenerConfig, ProcessRates, Server, ServerConfig, balance,
};
use proxy_relay::ScratchConfig;

pub(crate) fn config(workers: usize, maxconn: usize) -> Config {
    Config {
        workers,
        maxconn,
        rates: ProcessRates::default(),
        memory: None,
        scratch: ScratchConfig::default(),
    }
}

/// Makes a listener on a free port.
pub(crate) fn listener(id: u32) -> (ListenerConfig, SocketAddr) {
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let bound = proto_tcp::tcp4().bind(BindSpec::new(loopback), &Kernel::detect()).unwrap();
    (ListenerConfig::new(id, "tcpv4", bound.socket), bound.address.inet().unwrap())
}

pub(crate) fn server(name: &str, address: SocketAddr) -> ServerConfig {
    let connectable = proto_tcp::tcp4().connector(ServerSpec::new(address), &Kernel::detect()).unwrap();
    ServerConfig::new(name, 1, connectable.connector, address.into())
}

pub(crate) fn backend(servers: Vec<ServerConfig>) -> Arc<Backend> {
    Backend::new(backend_config(servers))
}

pub(crate) fn backend_config(servers: Vec<ServerConfig>) -> BackendConfig {
    let algorithms = balance::Algorithm::entries();
    let balance = (algorithms.find("roundrobin").unwrap().make)(&[], &balance::Hashing::default()).unwrap();
    let servers = servers.into_iter().map(Server::new).collect();
    BackendConfig::new("be", 1, servers, balance)
}
