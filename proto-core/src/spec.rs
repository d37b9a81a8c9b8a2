//! The requirements of a listener, a server and a connection attempt.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use tokio::time::Instant;

use crate::address::Address;
use crate::extension::TransportSections;
pub use crate::extensions::Extensions;
use crate::options::{SocketOption, SocketOptions};

/// The settings of a line after its address (socket options, and the values of transports' own keywords), and the
/// transports' sections of the whole configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The socket options of the line.
    pub options: SocketOptions,
    /// Values of transports, by type.
    pub extensions: Extensions,
    /// The sections of the configuration that transports registered.
    pub sections: TransportSections,
}

/// A listening address and its settings.
#[derive(Debug)]
pub struct BindSpec {
    /// The address to bind.
    pub address: Address,
    /// The settings of the line.
    pub settings: Settings,
    /// A socket that is already bound to the address, inherited or handed over. It is not bound again, and used as it
    /// is.
    pub socket: Option<OwnedFd>,
    /// Whether other sockets may share the address (`SO_REUSEPORT`), which a restart without interruption requires and
    /// HAProxy always allows. Otherwise a second process that binds the address gets the error that it is in use.
    pub share: bool,
}

impl BindSpec {
    /// Returns a specification with this address and default settings.
    pub fn new(address: impl Into<Address>) -> BindSpec {
        BindSpec { address: address.into(), settings: Settings::default(), socket: None, share: false }
    }
}

/// A server to connect to. Each [`Target`] has its own address, since the address of a name may change.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    /// The address, for messages and for finding out which options it takes.
    pub address: Address,
    /// The settings of the line.
    pub settings: Settings,
    /// Whether the line leaves the family open (`mptcp@`, not `mptcp4@`), so that the transport may choose the family
    /// of the socket.
    pub any_family: bool,
}

impl ServerSpec {
    /// Returns a specification with this address and default settings.
    pub fn new(address: impl Into<Address>) -> ServerSpec {
        ServerSpec { address: address.into(), settings: Settings::default(), any_family: false }
    }
}

/// An attempt to connect.
///
/// A server whose name has several addresses has a preferred one, `address`, and `alternatives`. A transport that
/// tries only one address uses the preferred one. One that tries several, at once or in turn, may connect to any of
/// them; [`Stream::peer_addr`](crate::stream::Stream::peer_addr) of the stream that it returns is the address that it
/// connected to, exactly as it is here. The caller uses it for logs and for its connection pool
/// ([`reached`](Self::reached)).
#[derive(Clone, Debug)]
pub struct Target {
    /// The preferred address.
    pub address: Address,
    /// Other addresses of the same server, in order of preference, all of families that the protocol serves; `None` if
    /// there are none, or if the connector [does not try
    /// alternatives](crate::protocol::Connector::tries_alternatives).
    pub alternatives: Option<Arc<[Address]>>,
    /// The time at which the caller cancels the attempt, if there is a limit, for deciding how much time each address
    /// gets. The caller enforces it by dropping the future; a transport need not.
    pub deadline: Option<Instant>,
    /// The client's address, to which `usesrc client` binds; for `usesrc hdr_ip` the one that its request names.
    pub client: Option<Address>,
    /// Options that are set on this connection alone, before it is made. Those that its kind of socket does not have are
    /// left out.
    pub options: Vec<SocketOption>,
    /// Whether the first bytes are ready to be sent, so that TCP Fast Open may wait for them instead of connecting at
    /// once. Set it only if the caller writes before it reads: no connection is attempted before the first write.
    pub data_ready: bool,
}

impl Target {
    /// Returns a target with this address only.
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

    /// Returns all addresses of the server, the preferred one first.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        std::iter::once(&self.address).chain(self.alternatives.iter().flat_map(|others| others.iter()))
    }

    /// Returns the same attempt with one of its addresses only.
    pub fn only(&self, address: &Address) -> Target {
        Target { address: address.clone(), alternatives: None, ..self.clone() }
    }

    /// Returns the address that a connection with this peer has reached: the preferred one, unless the peer is
    /// another.
    pub fn reached(&self, peer: &Address) -> &Address {
        self.addresses().find(|address| *address == peer).unwrap_or(&self.address)
    }
}
