//! The conformance suite of TCP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use proto_core::address::Address;
use proto_core::conformance::{Subject, suite};

fn port(ip: impl Into<IpAddr>, port: u16) -> Address {
    SocketAddr::new(ip.into(), port).into()
}

fn tcp4() -> Subject {
    let subject = Subject::new(proto_tcp::tcp4(), || port(Ipv4Addr::LOCALHOST, 0));
    subject.nobody_at(port(Ipv4Addr::LOCALHOST, 1)).with_ip_options()
}

fn tcp6() -> Subject {
    let subject = Subject::new(proto_tcp::tcp6(), || port(Ipv6Addr::LOCALHOST, 0));
    subject.nobody_at(port(Ipv6Addr::LOCALHOST, 1)).with_ip_options()
}

suite!(tcp4);
suite!(tcp6);
