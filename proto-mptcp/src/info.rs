//! The facts that an MPTCP connection reports: `MPTCP_FULL_INFO` and `MPTCP_INFO` decoded into the neutral model.
//!
//! Offsets are those of `struct mptcp_info` in `linux/mptcp.h`; it only grows, so fields that an older kernel does not
//! fill in are read as absent.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use proto_core::address::{Address, unmapped};
use proto_core::extension::Value;
use proto_core::info::{ConnectionInfo, Degradation, FallbackReason, Path, State};
use proto_core::sys;
use proto_core::transport::Origin;
use proto_core::transport::tcp_info::{self, u32_at, u64_at};

use crate::fallback::says_fallback;
use crate::sys::{FullInfo, INFO_SIZE, MPTCP_INFO, SOL_MPTCP, full_info};

/// Inspects a connection of this crate's protocols.
pub fn inspect(fd: BorrowedFd<'_>, origin: &Origin) -> ConnectionInfo {
    if origin.fallback.is_some() {
        return tcp_info::inspect(fd, origin);
    }
    let mut info = ConnectionInfo::new(origin.transport);
    if let Some(note) = origin.note {
        info.extra.push(("note", Value::Text(note.to_owned())));
    }
    match full_info(fd) {
        Ok(full) => {
            decode_connection(&full.info, &mut info);
            info.paths = paths(&full);
            // A connection that both sides have closed has no paths, which is in order.
            if info.paths.is_empty() && !sys::has_ended(fd) {
                info.state = State::Degraded(Degradation::NoPath);
            }
        }
        // Either the connection has fallen back since it was made, or the kernel is older than 6.5 and has only
        // MPTCP_INFO, without paths.
        Err(_) => {
            let mut bytes = [0; INFO_SIZE];
            match sys::getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &mut bytes) {
                Ok(length) => decode_connection(&bytes[..length], &mut info),
                Err(error) if says_fallback(&error) => {
                    let midway = Origin { fallback: Some(FallbackReason::Midway), ..origin.clone() };
                    return tcp_info::inspect(fd, &midway);
                }
                // Linux 5.6 to 5.15 do not have the option.
                Err(_) => {}
            }
        }
    }
    info
}

/// Decodes the part of the model that `struct mptcp_info` contains.
fn decode_connection(bytes: &[u8], info: &mut ConnectionInfo) {
    let byte = |offset: usize| bytes.get(offset).copied();
    info.path_limit = byte(3).map(|extra_subflows_max| u32::from(extra_subflows_max) + 1);
    let mut add = |name, value: Option<Value>| info.extra.extend(value.map(|value| (name, value)));
    let count = |value: Option<u64>| value.map(Value::Integer);
    let since =
        |value: Option<u32>| value.map(|millis| Value::Duration(Duration::from_millis(millis.into())));
    // The local token, which identifies the connection in netlink events and in `ss`.
    add("token", u32_at(bytes, 12).map(|token| Value::Text(format!("{token:08x}"))));
    add("checksum", byte(42).map(|on| Value::Bool(on != 0)));
    add("bytes_sent", count(u64_at(bytes, 56)));
    add("bytes_received", count(u64_at(bytes, 64)));
    add("bytes_acked", count(u64_at(bytes, 72)));
    add("bytes_retransmitted", count(u64_at(bytes, 48)));
    add("retransmits", count(u32_at(bytes, 44).map(u64::from)));
    let unacked = u64_at(bytes, 16).zip(u64_at(bytes, 24)).map(|(next, acked)| next.wrapping_sub(acked));
    add("unacknowledged", count(unacked));
    add("addresses_announced", count(byte(1).map(u64::from)));
    add("addresses_accepted", count(byte(2).map(u64::from)));
    add("last_data_received", since(u32_at(bytes, 88)));
    add("last_ack_received", since(u32_at(bytes, 92)));
}

fn paths(full: &FullInfo) -> Vec<Path> {
    full.subflows
        .iter()
        .filter_map(|(subflow, tcp)| {
            // A first subflow that was closed is still listed, without a remote port (Linux 6.18).
            let (local, remote) = (address(&subflow[8..136])?, address(&subflow[136..264])?);
            let is_closed = remote.inet().is_none_or(|remote| remote.port() == 0);
            if is_closed { None } else { tcp_info::path(u32_at(subflow, 0)?, tcp, local, remote) }
        })
        .collect()
}

/// Reads an address from a `sockaddr_storage`. IPv4 paths of an IPv6 socket are mapped, and unmapped here.
fn address(storage: &[u8]) -> Option<Address> {
    let family = u16::from_ne_bytes(storage.get(..2)?.try_into().ok()?);
    let port = u16::from_be_bytes(storage.get(2..4)?.try_into().ok()?);
    let ip = match i32::from(family) {
        libc::AF_INET => Ipv4Addr::from(<[u8; 4]>::try_from(storage.get(4..8)?).ok()?).into(),
        libc::AF_INET6 => Ipv6Addr::from(<[u8; 16]>::try_from(storage.get(8..24)?).ok()?).into(),
        _ => return None,
    };
    Some(Address::Inet(unmapped(SocketAddr::new(ip, port))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(bytes: &[u8]) -> ConnectionInfo {
        let mut info = ConnectionInfo::new("mptcpv4");
        decode_connection(bytes, &mut info);
        info
    }

    #[test]
    fn fields_that_an_older_kernel_does_not_fill_in_are_absent() {
        let mut bytes = [0; INFO_SIZE];
        bytes[..4].copy_from_slice(&[1, 2, 3, 4]);
        bytes[12..16].copy_from_slice(&0x00c0_ffee_u32.to_ne_bytes());
        bytes[16..24].copy_from_slice(&1500_u64.to_ne_bytes());
        bytes[24..32].copy_from_slice(&1000_u64.to_ne_bytes());
        bytes[56..64].copy_from_slice(&77_u64.to_ne_bytes());
        bytes[92..96].copy_from_slice(&250_u32.to_ne_bytes());

        let whole = connection(&bytes);
        assert_eq!(whole.path_limit, Some(5), "four more than the first");
        assert_eq!(whole.extra("addresses_announced"), Some(&Value::Integer(2)));
        assert_eq!(whole.extra("addresses_accepted"), Some(&Value::Integer(3)));
        assert_eq!(whole.extra("token"), Some(&Value::Text("00c0ffee".to_owned())));
        assert_eq!(whole.extra("unacknowledged"), Some(&Value::Integer(500)));
        assert_eq!(whole.extra("bytes_sent"), Some(&Value::Integer(77)));
        assert_eq!(whole.extra("last_ack_received"), Some(&Value::Duration(Duration::from_millis(250))));

        // Linux 5.16 filled in 40 bytes.
        let older = connection(&bytes[..40]);
        assert_eq!(older.extra("unacknowledged"), Some(&Value::Integer(500)));
        assert_eq!((older.extra("bytes_sent"), older.extra("checksum")), (None, None));
        assert_eq!(connection(&[]).extra, []);
    }

    #[test]
    fn addresses_are_unmapped_and_unknown_families_left_out() {
        let mut storage = [0_u8; 128];
        storage[..2].copy_from_slice(&(libc::AF_INET6 as u16).to_ne_bytes());
        storage[2..4].copy_from_slice(&443_u16.to_be_bytes());
        storage[8..24].copy_from_slice(&Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped().octets());
        assert_eq!(address(&storage).map(|addr| addr.to_string()), Some("192.0.2.1:443".to_owned()));
        storage[..2].copy_from_slice(&99_u16.to_ne_bytes());
        assert_eq!(address(&storage), None);
        assert_eq!(address(&[]), None);
    }

    #[test]
    fn a_first_subflow_that_has_closed_is_left_out() {
        let subflow = |id: u32, remote_port: u16| {
            let mut bytes = vec![0_u8; crate::sys::SUBFLOW_SIZE];
            bytes[..4].copy_from_slice(&id.to_ne_bytes());
            for (at, port) in [(8, 5000_u16), (136, remote_port)] {
                bytes[at..at + 2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
                bytes[at + 2..at + 4].copy_from_slice(&port.to_be_bytes());
            }
            bytes
        };
        let tcp = |state: u8| [&[state][..], &[0; 103]].concat();
        let subflows = vec![(subflow(0, 0), tcp(7)), (subflow(1, 6000), tcp(1))];
        let paths = paths(&FullInfo { info: Vec::new(), subflows });
        assert_eq!(paths.iter().map(|path| path.id).collect::<Vec<_>>(), [1]);
    }
}
