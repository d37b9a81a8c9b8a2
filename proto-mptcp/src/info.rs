//! What an MPTCP connection tells of itself: `MPTCP_FULL_INFO` and `MPTCP_INFO` decoded into the neutral model.
//!
//! Offsets are those of `struct mptcp_info` in `linux/mptcp.h`; it only grows, so what an older kernel does not fill
//! reads as absent.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use proto_core::address::{Address, unmapped};
use proto_core::extension::Value;
use proto_core::info::{ConnectionInfo, Degradation, FallbackReason, Path, State};
use proto_core::sys;
use proto_core::transport::Origin;
use proto_core::transport::tcp_info::{self, u32_at, u64_at};

use crate::sys::{FullInfo, INFO_SIZE, MPTCP_INFO, SOL_MPTCP, full_info};

/// The inspector of connections of this crate's protocols.
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
            if info.paths.is_empty() {
                info.state = State::Degraded(Degradation::NoPath);
            }
        }
        // Either the connection has fallen back since it was made, or the kernel is older than 6.5 and only
        // MPTCP_INFO tells, without paths.
        Err(_) => {
            let mut bytes = [0; INFO_SIZE];
            match sys::getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &mut bytes) {
                Ok(length) => decode_connection(&bytes[..length], &mut info),
                Err(error) if error.raw_os_error() == Some(libc::EOPNOTSUPP) => {
                    let midway = Origin { fallback: Some(FallbackReason::Midway), ..origin.clone() };
                    return tcp_info::inspect(fd, &midway);
                }
                // Linux 5.6 to 5.15 have no option to ask.
                Err(_) => {}
            }
        }
    }
    info
}

/// The part of the model that `struct mptcp_info` fills.
fn decode_connection(bytes: &[u8], info: &mut ConnectionInfo) {
    let byte = |offset: usize| bytes.get(offset).copied();
    info.path_limit = byte(2).map(|extra_subflows_max| u32::from(extra_subflows_max) + 1);
    let mut tell = |name, value: Option<Value>| info.extra.extend(value.map(|value| (name, value)));
    let count = |value: Option<u64>| value.map(Value::Integer);
    let since =
        |value: Option<u32>| value.map(|millis| Value::Duration(Duration::from_millis(millis.into())));
    // The local token: what netlink's events and `ss` call the connection by.
    tell("token", u32_at(bytes, 12).map(|token| Value::Text(format!("{token:08x}"))));
    tell("checksum", byte(42).map(|on| Value::Bool(on != 0)));
    tell("bytes_sent", count(u64_at(bytes, 56)));
    tell("bytes_received", count(u64_at(bytes, 64)));
    tell("bytes_acked", count(u64_at(bytes, 72)));
    tell("bytes_retransmitted", count(u64_at(bytes, 48)));
    tell("retransmits", count(u32_at(bytes, 44).map(u64::from)));
    let unacked = u64_at(bytes, 16).zip(u64_at(bytes, 24)).map(|(next, acked)| next.wrapping_sub(acked));
    tell("unacknowledged", count(unacked));
    tell("addresses_announced", count(byte(3).map(u64::from)));
    tell("addresses_accepted", count(byte(1).map(u64::from)));
    tell("last_data_received", since(u32_at(bytes, 88)));
    tell("last_ack_received", since(u32_at(bytes, 92)));
}

fn paths(full: &FullInfo) -> Vec<Path> {
    full.subflows
        .iter()
        .filter_map(|(subflow, tcp)| {
            // A first subflow that has closed stays listed, without a remote port (Linux 6.18).
            let (local, remote) = (address(&subflow[8..136])?, address(&subflow[136..264])?);
            let gone = remote.inet().is_none_or(|remote| remote.port() == 0);
            if gone { None } else { tcp_info::path(u32_at(subflow, 0)?, tcp, local, remote) }
        })
        .collect()
}

/// An address in a `sockaddr_storage`. IPv4 paths of an IPv6 socket come mapped and leave unmapped.
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
