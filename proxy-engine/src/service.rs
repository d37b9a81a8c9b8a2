//! A service: listening sockets and the server behind them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::protocol::{BoundSocket, Connector};
use proto_core::stream::Stream;
use proxy_relay::Limits;

/// Listening sockets and the server to which their connections are relayed.
#[derive(Debug)]
pub struct Service {
    /// For logs.
    pub name: String,
    /// Bound already. Each listens on one worker.
    pub sockets: Vec<Box<dyn BoundSocket>>,
    /// Where connections go.
    pub server: Server,
    /// How long things may take.
    pub timeouts: Timeouts,
}

/// What the sessions of a service need of it.
#[derive(Debug)]
pub(crate) struct Destination {
    pub(crate) name: String,
    pub(crate) server: Server,
    pub(crate) timeouts: Timeouts,
}

/// A server and how it is reached.
#[derive(Clone, Debug)]
pub struct Server {
    /// For logs.
    pub name: String,
    /// Connects to it.
    pub connector: Arc<dyn Connector>,
    /// Its address. The unspecified IP address stands for the one that the client connected to.
    pub address: Address,
    /// Its port, for an Internet address.
    pub port: ServerPort,
}

/// The port of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerPort {
    /// That of its address.
    Fixed,
    /// That of the client's connection plus this; 0 for a server whose line names no port.
    Offset(i32),
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Connecting to the server.
    pub connect: Duration,
    /// Silence of either side.
    pub relay: Limits,
}

impl Server {
    /// Where to connect to for a client; `None` if the offset leads to no port.
    pub(crate) fn address_for(&self, client: &dyn Stream) -> Option<Address> {
        let Some(inet) = self.address.inet() else { return Some(self.address.clone()) };
        if self.port == ServerPort::Fixed && !inet.ip().is_unspecified() {
            return Some(self.address.clone());
        }
        let asked = client.original_dst().unwrap_or_else(|| client.local_addr()).inet();
        let ip = if inet.ip().is_unspecified() { asked?.ip() } else { inet.ip() };
        let port = match self.port {
            ServerPort::Fixed => inet.port(),
            ServerPort::Offset(offset) => {
                let port = i32::from(asked?.port()) + offset;
                u16::try_from(port).ok().filter(|port| *port != 0)?
            }
        };
        Some(SocketAddr::new(ip, port).into())
    }
}
