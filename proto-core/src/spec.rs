//! What a listener, a server and a connection attempt are asked to be.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use tokio::time::Instant;

use crate::address::Address;
use crate::extension::TransportSections;
pub use crate::extensions::Extensions;
use crate::options::{SocketOption, SocketOptions};

/// What a line says after its address: socket options, and what transports have added with keywords of their own; and
/// what the whole configuration says to transports.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The socket options.
    pub options: SocketOptions,
    /// Values of transports, by type.
    pub extensions: Extensions,
    /// The sections of the configuration that transports bring.
    pub sections: TransportSections,
}

/// A listening address.
#[derive(Debug)]
pub struct BindSpec {
    /// Where.
    pub address: Address,
    /// How.
    pub settings: Settings,
    /// A socket that is already bound to it, inherited or passed on. It is not bound again, and listens as it is.
    pub socket: Option<OwnedFd>,
    /// Whether other sockets may share the address (`SO_REUSEPORT`), as a restart without a gap needs and HAProxy
    /// always allows. Without it a second process on the same address is told that it is taken.
    pub share: bool,
}

impl BindSpec {
    /// A plain one.
    pub fn new(address: impl Into<Address>) -> BindSpec {
        BindSpec { address: address.into(), settings: Settings::default(), socket: None, share: false }
    }
}

/// A server to connect to. Its address is part of each [`Target`], since a name may get another one.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    /// The address, for messages and to find out which options it takes.
    pub address: Address,
    /// How.
    pub settings: Settings,
    /// Whether the line leaves the family open (`mptcp@`, not `mptcp4@`), so that the transport may choose the
    /// socket's.
    pub any_family: bool,
}

impl ServerSpec {
    /// A plain one.
    pub fn new(address: impl Into<Address>) -> ServerSpec {
        ServerSpec { address: address.into(), settings: Settings::default(), any_family: false }
    }
}

/// One attempt to connect.
///
/// A server whose name has several addresses has one that is preferred, `address`, and `alternatives`. A transport that
/// tries one address alone takes the preferred one. One that tries several, at once or in turn, may connect to any of
/// them; [`Stream::peer_addr`](crate::stream::Stream::peer_addr) of what it returns is the one that it connected to, as
/// it stands here, and the caller keeps it for logs and for its pool of connections ([`reached`](Self::reached)).
#[derive(Clone, Debug)]
pub struct Target {
    /// Where to: the address that is preferred.
    pub address: Address,
    /// Other addresses of the same server, in the order of preference, all of families that the protocol serves; `None`
    /// if there are none, or if the connector tries [one address alone](crate::protocol::Connector::tries_alternatives).
    pub alternatives: Option<Arc<[Address]>>,
    /// When the caller gives the attempt up, if it has a limit: for planning how much of the time each address gets. The
    /// caller keeps to it by dropping the attempt; a transport need not.
    pub deadline: Option<Instant>,
    /// On whose behalf: what `usesrc client` binds to.
    pub client: Option<Address>,
    /// Set on this connection alone, before it is made. What it does not take it goes without.
    pub options: Vec<SocketOption>,
    /// Whether the first bytes are ready to be sent, so that TCP Fast Open may wait for them instead of connecting
    /// at once. Set it only if the caller writes before it reads: the connection is not tried before the first write.
    pub data_ready: bool,
}

impl Target {
    /// A plain one.
    pub fn new(address: impl Into<Address>) -> Target {
        Target {
            address: address.into(),
            alternatives: None,
            deadline: None,
            client: None,
            options: Vec::new(),
            data_ready: false,
        }
    }

    /// All addresses of the server, the preferred one first.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        std::iter::once(&self.address).chain(self.alternatives.iter().flat_map(|others| others.iter()))
    }

    /// The same attempt to one of its addresses alone.
    pub fn only(&self, address: &Address) -> Target {
        Target { address: address.clone(), alternatives: None, ..self.clone() }
    }

    /// Which of the addresses a connection with this peer has reached: the preferred one, unless the peer is another.
    pub fn reached(&self, peer: &Address) -> &Address {
        self.addresses().find(|address| *address == peer).unwrap_or(&self.address)
    }
}
