//! Datagrams, for log targets and name servers: the protocols of `udp@` and `uxdg@`, and a socket to send from.

use std::io;
use std::sync::Arc;

use socket2::{Domain, SockAddr, Socket, Type};

use crate::address::{Address, UnixAddress};
use crate::family::Family;
use crate::prefix::Prefix;
use crate::protocol::{Descriptor, Kind, Protocol, Slot, SocketType};

const PLACE: Option<(SocketType, Slot)> = Some((SocketType::Datagram, Slot::Alternate));

/// A datagram protocol. It has no streams, and refuses with that reason when asked for one.
#[derive(Debug)]
struct DatagramProtocol(Descriptor);

impl Protocol for DatagramProtocol {
    fn descriptor(&self) -> &Descriptor {
        &self.0
    }
}

const fn descriptor(name: &'static str, families: &'static [Family], help: &'static str) -> Descriptor {
    Descriptor { name, kind: Kind::Datagram, families, place: PLACE, help }
}

pub(crate) const PROTOCOLS: &[fn() -> Arc<dyn Protocol>] = &[
    || Arc::new(DatagramProtocol(descriptor("udpv4", &[Family::INET4], "UDP over IPv4"))),
    || Arc::new(DatagramProtocol(descriptor("udpv6", &[Family::INET6], "UDP over IPv6"))),
    || {
        let families = &[Family::UNIX, Family::ABNS, Family::ABNSZ];
        Arc::new(DatagramProtocol(descriptor("unixdg", families, "UNIX datagram sockets")))
    },
];

const fn prefix(text: &'static str, families: &'static [Family], help: &'static str) -> Prefix {
    Prefix::slot(text, families, SocketType::Datagram, Slot::Alternate, help)
}

pub(crate) const PREFIXES: &[Prefix] = &[
    prefix("udp@", Family::INTERNET, "UDP, over IPv4 or IPv6 by the syntax"),
    prefix("udp4@", &[Family::INET4], "UDP over IPv4"),
    prefix("udp6@", &[Family::INET6], "UDP over IPv6"),
    prefix("uxdg@", &[Family::UNIX], "a UNIX datagram socket"),
];

/// A datagram socket that sends to one address and never blocks.
#[derive(Debug)]
pub struct DatagramSocket(Socket);

impl DatagramSocket {
    /// Opens a socket that sends to this address.
    ///
    /// # Errors
    /// Returns the system's error, or `Unsupported` for an address of a family without datagrams.
    pub fn connect(address: &Address) -> io::Result<DatagramSocket> {
        let (domain, to) = match address {
            Address::Inet(inet) => (Domain::for_address(*inet), SockAddr::from(*inet)),
            Address::Unix(UnixAddress::Path(path)) => (Domain::UNIX, SockAddr::unix(path)?),
            Address::Unix(_) | Address::Other(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        let socket = Socket::new(domain, Type::DGRAM.nonblocking(), None)?;
        socket.connect(&to)?;
        Ok(DatagramSocket(socket))
    }

    /// Sends one datagram.
    ///
    /// # Errors
    /// Returns the system's error, which is `WouldBlock` if the buffer is full.
    pub fn send(&self, datagram: &[u8]) -> io::Result<()> {
        self.0.send(datagram).map(|_| ())
    }
}
