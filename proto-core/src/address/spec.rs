//! An address as written in a configuration: the protocol that it selects, its host and its ports.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::{Address, Host, HostName};
use crate::descriptor::{Slot, SocketType};
use crate::family::Family;
use crate::prefix::{Prefix, Target};

/// What the prefixes of an address require of the protocol. Together with a family it selects one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The socket type.
    pub socket_type: SocketType,
    /// The slot of the table, or the protocols by name.
    pub target: Target,
    /// The families that the prefix admits; `None` for any.
    pub families: Option<&'static [Family]>,
}

impl Selector {
    /// Returns the selector of an address without a prefix: the default protocol of the type.
    ///
    /// In the datagram row QUIC has the first slot, as in HAProxy's table, and plain datagrams have the second.
    pub const fn plain(socket_type: SocketType) -> Selector {
        let slot = match socket_type {
            SocketType::Stream => Slot::Default,
            SocketType::Datagram => Slot::Alternate,
        };
        Selector { socket_type, target: Target::Slot(slot), families: None }
    }
}

/// The port of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Port {
    /// No port was written, or the family has none.
    None,
    /// One port.
    One(u16),
    /// All ports from the first to the last.
    Range(u16, u16),
    /// Relative to the port of the incoming connection, from -65535 to 65535.
    Offset(i32),
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::None => Ok(()),
            Port::One(port) => write!(f, ":{port}"),
            Port::Range(low, high) => write!(f, ":{low}-{high}"),
            Port::Offset(offset) => write!(f, ":{offset:+}"),
        }
    }
}

/// An address as it was written, parsed but not resolved.
///
/// Its `Display` is the canonical spelling: reading it again gives an equal value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressSpec {
    /// The layers around what follows, the outermost first.
    pub layers: Vec<&'static str>,
    /// `stream+`, `dgram+` or `quic+`, if written.
    pub modifier: Option<Prefix>,
    /// `tcp@` and the like, if written.
    pub prefix: Option<Prefix>,
    /// The protocol that the two select.
    pub selector: Selector,
    /// The host.
    pub host: Host,
    /// The port or ports.
    pub port: Port,
}

/// An address without an [`Address`] yet: its host is a name or a descriptor, or its port is relative.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// A name: ask a resolver, then call [`AddressSpec::with_ip`].
    #[error("'{0}' is a name that has not been resolved")]
    Name(HostName),
    /// A descriptor: call [`InheritedSocket::take`](super::InheritedSocket::take) with it.
    #[error("file descriptor {0} has not been inspected")]
    Fd(i32),
    /// A port that depends on that of an incoming connection.
    #[error("the port is relative to that of the incoming connection")]
    Offset(i32),
}

impl AddressSpec {
    /// Returns the addresses: one, or one for each port of a range or each host of one.
    ///
    /// # Errors
    /// Returns an error if something must be looked up first.
    pub fn addresses(&self) -> Result<Vec<Address>, Unresolved> {
        let ip = match &self.host {
            Host::Ip(ip) => *ip,
            Host::Unix(unix) => return Ok(vec![Address::Unix(unix.clone())]),
            Host::Other(other) => return Ok(vec![Address::Other(other.clone())]),
            Host::Range(range) => return Ok(range.addresses().iter().cloned().map(Address::Other).collect()),
            Host::Name(name) => return Err(Unresolved::Name(name.clone())),
            Host::Fd(fd) => return Err(Unresolved::Fd(*fd)),
        };
        match self.port {
            Port::None => Ok(vec![SocketAddr::new(ip, 0).into()]),
            Port::One(port) => Ok(vec![SocketAddr::new(ip, port).into()]),
            Port::Range(low, high) => Ok((low..=high).map(|port| SocketAddr::new(ip, port).into()).collect()),
            Port::Offset(offset) => Err(Unresolved::Offset(offset)),
        }
    }

    /// Returns this address with its name replaced by a resolver's answer.
    #[must_use]
    pub fn with_ip(&self, ip: IpAddr) -> AddressSpec {
        AddressSpec { host: Host::Ip(ip), ..self.clone() }
    }

    /// Returns whether the prefixes admit an IP address, for choosing among a resolver's answers.
    pub fn admits(&self, ip: IpAddr) -> bool {
        let family = if ip.is_ipv4() { Family::INET4 } else { Family::INET6 };
        self.selector.families.is_none_or(|families| families.contains(&family))
    }
}

impl fmt::Display for AddressSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.layers.iter().try_for_each(|layer| write!(f, "{layer}+"))?;
        for prefix in [self.modifier, self.prefix].into_iter().flatten() {
            f.write_str(prefix.text)?;
        }
        write!(f, "{}{}", self.host, self.port)
    }
}
