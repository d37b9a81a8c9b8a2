//! Writes version 1.

use std::io::Write as _;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use proto_core::address::Address;

/// Returns the line with these addresses; the longest has 107 bytes.
///
/// If one is missing or is no Internet address, the line is UNKNOWN. If the families differ, both become IPv6.
pub fn write_v1(source: Option<&Address>, destination: Option<&Address>) -> Vec<u8> {
    let mut line = Vec::with_capacity(107);
    let written = match (source.and_then(Address::known_as), destination.and_then(Address::known_as)) {
        (Some(SocketAddr::V4(source)), Some(SocketAddr::V4(destination))) => {
            let (from, to) = (source.ip(), destination.ip());
            write!(line, "PROXY TCP4 {from} {to} {} {}\r\n", source.port(), destination.port())
        }
        (Some(source), Some(destination)) => {
            let (from, to) = (text(as_ipv6(source.ip())), text(as_ipv6(destination.ip())));
            write!(line, "PROXY TCP6 {from} {to} {} {}\r\n", source.port(), destination.port())
        }
        _ => line.write_all(b"PROXY UNKNOWN\r\n"),
    };
    debug_assert!(written.is_ok(), "a vector takes everything");
    line
}

pub(super) fn as_ipv6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// Formats an address as the C library's `inet_ntop` does: the last 32 bits of an address that is otherwise zero
/// are also printed as IPv4, if their upper half is not zero.
fn text(address: Ipv6Addr) -> String {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let [.., a, b, c, d] = address.octets();
            format!("::{a}.{b}.{c}.{d}")
        }
        _ => address.to_string(),
    }
}
