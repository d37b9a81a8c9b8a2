//! `TCP_INFO`: the kernel's counters of one path. Layout: `struct tcp_info` of `linux/tcp.h`, which only ever grows,
//! so an older kernel returns less, and the missing fields are left out.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use socket2::SockRef;

use super::Origin;
use crate::address::{Address, unmapped};
use crate::extension::Value;
use crate::info::{ConnectionInfo, Path, PathState, State};
use crate::sys;

/// The size of `struct tcp_info` on Linux 6.18, in bytes; fields that later kernels add are not read.
pub const SIZE: usize = 280;

/// Inspects a plain TCP connection, which has one path.
pub fn inspect(fd: BorrowedFd<'_>, origin: &Origin) -> ConnectionInfo {
    let mut info = ConnectionInfo::ordinary(origin.transport);
    if let Some(reason) = origin.fallback {
        info.state = State::Fallback(reason);
    }
    if let Some(note) = origin.note {
        info.extra.push(("note", Value::Text(note.to_owned())));
    }
    let mut bytes = [0; SIZE];
    let length = sys::getsockopt(fd, libc::IPPROTO_TCP, libc::TCP_INFO, &mut bytes).unwrap_or(0);
    let local = SockRef::from(&fd).local_addr().ok().and_then(|addr| addr.as_socket());
    if let Some(local) = local {
        let local = Address::Inet(unmapped(local));
        info.paths.extend(path(0, &bytes[..length], local, origin.peer.clone()));
    }
    info
}

/// Returns the path that a `struct tcp_info` describes, or `None` if the kernel filled nothing in.
pub fn path(id: u32, info: &[u8], local: Address, remote: Address) -> Option<Path> {
    // The states of tcp_states.h.
    let state = match info.first()? {
        1 => PathState::Established,
        2 | 3 | 12 => PathState::Connecting,
        7 => PathState::Closed,
        _ => PathState::Closing,
    };
    let rtt =
        u32_at(info, 68).filter(|micros| *micros > 0).map(|micros| Duration::from_micros(micros.into()));
    Some(Path {
        id,
        local,
        remote,
        rtt,
        bytes_sent: u64_at(info, 200).unwrap_or(0),
        bytes_received: u64_at(info, 128).unwrap_or(0),
        retransmissions: u32_at(info, 100).unwrap_or(0),
        backup: None,
        state,
    })
}

/// Returns a 32-bit field, if the kernel filled it in.
pub fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..offset + 4).and_then(|field| field.try_into().ok()).map(u32::from_ne_bytes)
}

/// Returns a 64-bit field, if the kernel filled it in.
pub fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..offset + 8).and_then(|field| field.try_into().ok()).map(u64::from_ne_bytes)
}
