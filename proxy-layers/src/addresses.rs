//! The addresses in a header.

use std::net::SocketAddr;

use proto_core::address::Address;
use proto_core::findings::Findings;

/// Both ends of the connection that a header describes, in the family of the header: an IPv4 address that it has as
/// mapped IPv6 stays mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The address of the client.
    pub source: SocketAddr,
    /// The address that the client connected to.
    pub destination: SocketAddr,
}

impl Addresses {
    /// Reports these as the client's addresses.
    pub(crate) fn tell(&self, findings: &mut Findings) {
        findings.source = Some(self.source());
        findings.destination = Some(self.destination());
    }

    pub(crate) fn new(source: impl Into<SocketAddr>, destination: impl Into<SocketAddr>) -> Self {
        Self { source: source.into(), destination: destination.into() }
    }

    /// Returns the source as an address of a transport.
    pub fn source(&self) -> Address {
        Address::Inet(self.source)
    }

    /// Returns the destination as an address of a transport.
    pub fn destination(&self) -> Address {
        Address::Inet(self.destination)
    }
}
