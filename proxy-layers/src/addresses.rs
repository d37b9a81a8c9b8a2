//! The addresses that a header tells.

use std::net::SocketAddr;

use proto_core::address::Address;
use proto_core::findings::Findings;

/// Both ends of the connection that a header is about, in the family that the header had: IPv4 that it told as mapped
/// IPv6 is still that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Who connected.
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
}

impl Addresses {
    /// Says that these are the client's.
    pub(crate) fn tell(&self, findings: &mut Findings) {
        findings.source = Some(self.source());
        findings.destination = Some(self.destination());
    }

    pub(crate) fn new(source: impl Into<SocketAddr>, destination: impl Into<SocketAddr>) -> Self {
        Self { source: source.into(), destination: destination.into() }
    }

    /// The source as transports have it.
    pub fn source(&self) -> Address {
        Address::Inet(self.source)
    }

    /// The destination as transports have it.
    pub fn destination(&self) -> Address {
        Address::Inet(self.destination)
    }
}
