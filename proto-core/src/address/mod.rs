//! Addresses, as a configuration writes them ([`AddressSpec`]) and as a transport receives them ([`Address`]).
//!
//! A configuration writes an address with a prefix, a host that may be a name, and ports that may be a range. None of
//! that reaches a transport: it only receives an [`Address`], which is resolved and has one port.

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

/// The resolved address of one socket, which `bind` and `connect` take and connections report.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// An IP address and a port.
    Inet(SocketAddr),
    /// A UNIX socket.
    Unix(UnixAddress),
    /// An address of a family that a transport registered.
    Other(OtherAddress),
}

impl Address {
    /// Returns the family.
    pub fn family(&self) -> Family {
        match self {
            Address::Inet(SocketAddr::V4(_)) => Family::INET4,
            Address::Inet(SocketAddr::V6(_)) => Family::INET6,
            Address::Unix(unix) => unix.family(),
            Address::Other(other) => other.family,
        }
    }

    /// Returns the IP address and port of an Internet address, which is what a transport binds or connects to.
    pub fn inet(&self) -> Option<SocketAddr> {
        match self {
            Address::Inet(addr) => Some(*addr),
            Address::Unix(_) | Address::Other(_) => None,
        }
    }

    /// Returns the IP address and port that rules, log lines, fields and PROXY headers use: for an Internet address
    /// its own, for an address of a transport's family its [known address](OtherAddress::known_as). UNIX sockets have
    /// none.
    pub fn known_as(&self) -> Option<SocketAddr> {
        match self {
            Address::Inet(addr) => Some(*addr),
            Address::Unix(_) => None,
            Address::Other(other) => other.known_as(),
        }
    }

    /// Returns the same address in its usual form: an IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) becomes IPv4
    /// again.
    ///
    /// Every address that a log, a rule, a view or a peer sees has been converted this way.
    #[must_use]
    pub fn unmapped(self) -> Address {
        match self {
            Address::Inet(addr) => Address::Inet(unmapped(addr)),
            other => other,
        }
    }
}

/// Returns [`Address::unmapped`] of an Internet address.
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
