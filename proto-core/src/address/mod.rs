//! Addresses: what a person writes ([`AddressSpec`]) and what a transport gets ([`Address`]).
//!
//! A configuration names an address with a prefix, a host that may be a name, and ports that may be a range. None of
//! that reaches a transport: it only ever sees an [`Address`], which is resolved and has one port.

mod error;
mod expand;
mod facts;
mod families;
mod host;
mod host_error;
mod inherited;
mod other;
mod parse;
mod rules;
mod spec;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

pub use self::error::{AddressError, AddressErrorKind};
pub use self::expand::{Environment, NoEnvironment, ProcessEnvironment};
pub use self::facts::SocketFacts;
pub(crate) use self::families::FAMILIES;
pub use self::families::FamilyEntry;
pub use self::host::{Host, HostName, UNIX_PATH_MAX, UnixAddress};
pub use self::host_error::HostError;
pub use self::inherited::{InheritedError, InheritedSocket, from_system};
pub use self::other::{OtherAddress, OtherRange};
pub use self::parse::Parser;
pub use self::rules::{PortRule, Rules};
pub use self::spec::{AddressSpec, Port, Selector, Unresolved};
use crate::family::Family;

/// A resolved address of one socket: what `bind` and `connect` take and what a connection tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// An IP address and a port.
    Inet(SocketAddr),
    /// A UNIX socket.
    Unix(UnixAddress),
    /// An address of a family that a transport brought along.
    Other(OtherAddress),
}

impl Address {
    /// The family.
    pub fn family(&self) -> Family {
        match self {
            Address::Inet(SocketAddr::V4(_)) => Family::INET4,
            Address::Inet(SocketAddr::V6(_)) => Family::INET6,
            Address::Unix(unix) => unix.family(),
            Address::Other(other) => other.family,
        }
    }

    /// The IP address and port of an address of the Internet: what a transport of it binds and connects to.
    pub fn inet(&self) -> Option<SocketAddr> {
        match self {
            Address::Inet(addr) => Some(*addr),
            Address::Unix(_) | Address::Other(_) => None,
        }
    }

    /// The IP address and port that rules, log lines, fields and PROXY headers have for it: its own of the Internet,
    /// and of a family that a transport brought along [what that says](OtherAddress::known_as). UNIX sockets have
    /// none.
    pub fn known_as(&self) -> Option<SocketAddr> {
        match self {
            Address::Inet(addr) => Some(*addr),
            Address::Unix(_) => None,
            Address::Other(other) => other.known_as(),
        }
    }

    /// The same address as people know it: IPv4 that travels in an IPv6 socket (`::ffff:192.0.2.1`) is IPv4 again.
    ///
    /// Every address that a log, a rule, a view or a peer sees has gone through this.
    #[must_use]
    pub fn unmapped(self) -> Address {
        match self {
            Address::Inet(addr) => Address::Inet(unmapped(addr)),
            other => other,
        }
    }
}

/// [`Address::unmapped`] for an Internet address.
pub fn unmapped(addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(IpAddr::V4(v4), v6.port()),
            None => addr,
        },
        SocketAddr::V4(_) => addr,
    }
}

impl From<SocketAddr> for Address {
    fn from(addr: SocketAddr) -> Self {
        Address::Inet(addr)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Inet(addr) => addr.fmt(f),
            Address::Unix(unix) => unix.fmt(f),
            Address::Other(other) => write!(f, "{}@{}", other.family, other.host()),
        }
    }
}
