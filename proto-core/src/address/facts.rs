//! The properties of a socket that another process made, and the names of their numbers.

use std::fmt;

use libc::c_int;
use socket2::{Domain, Type};

use super::{Address, UnixAddress};
use crate::descriptor::SocketType;

/// The properties of a socket that another process made, as the system reports them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketFacts {
    /// The family (`SO_DOMAIN`), such as `AF_UNIX`.
    pub domain: Domain,
    /// The type (`SO_TYPE`), which may be one that this crate does not know.
    pub raw_type: Type,
    /// The protocol number (`SO_PROTOCOL`): 262 for an MPTCP listener, so that a TCP socket is not mistaken for one.
    pub ipproto: c_int,
    /// The address that it is bound to; `None` if this crate does not know its family.
    pub address: Option<Address>,
    /// Whether it already listens.
    pub listening: bool,
}

impl SocketFacts {
    /// Returns its row in the family table, or `None` for another type.
    pub fn socket_type(&self) -> Option<SocketType> {
        match self.raw_type {
            Type::STREAM => Some(SocketType::Stream),
            Type::DGRAM => Some(SocketType::Datagram),
            _ => None,
        }
    }
}

/// The names of numbers in the headers of the system.
type Names = &'static [(c_int, &'static str)];

/// `linux/socket.h`
const DOMAINS: Names = &[
    (libc::AF_UNIX, "AF_UNIX"),
    (libc::AF_INET, "AF_INET"),
    (libc::AF_INET6, "AF_INET6"),
    (libc::AF_NETLINK, "AF_NETLINK"),
    (libc::AF_PACKET, "AF_PACKET"),
    (libc::AF_RDS, "AF_RDS"),
    (libc::AF_CAN, "AF_CAN"),
    (libc::AF_TIPC, "AF_TIPC"),
    (libc::AF_BLUETOOTH, "AF_BLUETOOTH"),
    (libc::AF_ALG, "AF_ALG"),
    (libc::AF_VSOCK, "AF_VSOCK"),
    (41, "AF_KCM"),
    (42, "AF_QIPCRTR"),
    (43, "AF_SMC"),
    (libc::AF_XDP, "AF_XDP"),
];

/// `linux/net.h`
const TYPES: Names = &[
    (libc::SOCK_STREAM, "SOCK_STREAM"),
    (libc::SOCK_DGRAM, "SOCK_DGRAM"),
    (libc::SOCK_RAW, "SOCK_RAW"),
    (libc::SOCK_RDM, "SOCK_RDM"),
    (libc::SOCK_SEQPACKET, "SOCK_SEQPACKET"),
    (libc::SOCK_DCCP, "SOCK_DCCP"),
    (10, "SOCK_PACKET"),
];

/// `linux/in.h`; other families number their protocols differently.
const INTERNET: Names = &[
    (libc::IPPROTO_ICMP, "ICMP"),
    (libc::IPPROTO_TCP, "TCP"),
    (libc::IPPROTO_UDP, "UDP"),
    (libc::IPPROTO_DCCP, "DCCP"),
    (libc::IPPROTO_ICMPV6, "ICMPv6"),
    (libc::IPPROTO_SCTP, "SCTP"),
    (libc::IPPROTO_UDPLITE, "UDP-Lite"),
    (256, "SMC"),
    (libc::IPPROTO_MPTCP, "MPTCP"),
];

/// Formats a number, after its name if it has one.
fn named(names: Names, number: c_int) -> impl fmt::Display {
    let name = names.iter().find(|(known, _)| *known == number).map(|(_, name)| *name);
    fmt::from_fn(move |f| match name {
        Some(name) => write!(f, "{name} ({number})"),
        None => write!(f, "{number}"),
    })
}

/// Formats as `socket of family AF_UNIX (1), type SOCK_SEQPACKET (5), protocol 0`, with the bound address.
impl fmt::Display for SocketFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_internet = matches!(self.domain, Domain::IPV4 | Domain::IPV6);
        let domain = named(DOMAINS, self.domain.into());
        let raw_type = named(TYPES, self.raw_type.into());
        let protocol = named(if is_internet { INTERNET } else { &[] }, self.ipproto);
        write!(f, "socket of family {domain}, type {raw_type}, protocol {protocol}")?;
        match &self.address {
            None => Ok(()),
            Some(Address::Unix(UnixAddress::Unnamed)) => f.write_str(", without a name"),
            Some(address) => write!(f, ", bound to {address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_their_names() {
        let socket = |domain: c_int, raw_type: c_int, ipproto: c_int, address: Option<&str>| {
            let address = address.map(|text| Address::Inet(text.parse().unwrap()));
            let (domain, raw_type) = (Domain::from(domain), Type::from(raw_type));
            SocketFacts { domain, raw_type, ipproto, address, listening: false }.to_string()
        };
        assert_eq!(
            socket(libc::AF_INET, libc::SOCK_STREAM, 262, Some("192.0.2.1:80")),
            "socket of family AF_INET (2), type SOCK_STREAM (1), protocol MPTCP (262), bound to 192.0.2.1:80"
        );
        assert_eq!(
            socket(libc::AF_VSOCK, libc::SOCK_SEQPACKET, 6, None),
            "socket of family AF_VSOCK (40), type SOCK_SEQPACKET (5), protocol 6"
        );
        assert_eq!(socket(99, 98, 97, None), "socket of family 99, type 98, protocol 97");
    }

    #[test]
    fn no_number_has_two_names() {
        for names in [DOMAINS, TYPES, INTERNET] {
            assert!(names.windows(2).all(|pair| pair[0].0 < pair[1].0), "{names:?}");
        }
    }
}
