//! Whether handshakes of TCP are in progress on a local port: `NETLINK_SOCK_DIAG` lists them (`linux/inet_diag.h`).
//!
//! The sockets of MPTCP are TCP while they shake hands, so one question serves both.

use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd};

use libc::{AF_INET, AF_INET6, SOCK_DGRAM, SOL_SOCKET, c_int};
use socket2::{Domain, Protocol, Socket, Type};

use crate::sys;

const NETLINK_SOCK_DIAG: c_int = 4;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
/// `TCP_SYN_RECV` of `net/tcp_states.h`, as a set.
const SYN_RECV: u32 = 1 << 3;
/// The length of `struct nlmsghdr`.
const HEADER: usize = 16;
/// The length of `struct inet_diag_req_v2`.
const REQUEST: usize = 56;

/// Returns whether a client has begun a handshake with this local port and not finished it; the address is ignored.
///
/// # Errors
/// Returns the system's error, or `Unsupported` if `listener` is in another network namespace than the caller, whose
/// handshakes the kernel does not list, or the kernel is older than Linux 5.14.
pub(super) fn are_in_progress(listener: BorrowedFd<'_>, port: u16) -> io::Result<bool> {
    let diagnosis = Socket::new(
        Domain::from(libc::AF_NETLINK),
        Type::from(SOCK_DGRAM),
        Some(Protocol::from(NETLINK_SOCK_DIAG)),
    )?;
    diagnosis.set_nonblocking(true)?;
    if namespace(listener)? != namespace(diagnosis.as_fd())? {
        return Err(io::ErrorKind::Unsupported.into());
    }
    // A handshake with an IPv4 client is listed as IPv4 even if an IPv6 socket listens.
    for family in [AF_INET, AF_INET6] {
        diagnosis.send(&request(family, port))?;
        if lists_any(&diagnosis)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the number of the network namespace of a socket.
fn namespace(socket: BorrowedFd<'_>) -> io::Result<[u8; 8]> {
    let mut cookie = [0; 8];
    sys::getsockopt(socket, SOL_SOCKET, libc::SO_NETNS_COOKIE, &mut cookie)?;
    Ok(cookie)
}

/// Returns a request for all sockets of one family that shake hands on a local port.
fn request(family: c_int, port: u16) -> Vec<u8> {
    let flags = libc::NLM_F_REQUEST | libc::NLM_F_DUMP;
    let mut message = Vec::with_capacity(HEADER + REQUEST);
    message.extend(u32::try_from(HEADER + REQUEST).unwrap_or_default().to_ne_bytes());
    message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message.extend(u16::try_from(flags).unwrap_or_default().to_ne_bytes());
    // The sequence number and the sender, which the kernel only repeats.
    message.extend([0; 8]);
    message.extend([u8::try_from(family).unwrap_or_default(), libc::IPPROTO_TCP as u8, 0, 0]);
    message.extend(SYN_RECV.to_ne_bytes());
    message.extend(port.to_be_bytes());
    // The rest of `struct inet_diag_sockid` does not narrow the question.
    message.resize(HEADER + REQUEST, 0);
    message
}

/// Reads the answer to its end, and returns whether it lists any socket.
fn lists_any(mut diagnosis: &Socket) -> io::Result<bool> {
    let mut buffer = vec![0; 32 * 1024];
    let mut any = false;
    loop {
        let read = diagnosis.read(&mut buffer)?;
        let mut rest = &buffer[..read];
        while let Some((length, kind)) = header(rest) {
            match c_int::from(kind) {
                libc::NLMSG_DONE => return Ok(any),
                libc::NLMSG_ERROR => return Err(io::ErrorKind::Unsupported.into()),
                _ => any = true,
            }
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
    }
}

/// Returns the length and the type of the message that begins here, if it is whole.
fn header(bytes: &[u8]) -> Option<(usize, u16)> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (kind, _) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_ne_bytes(*length)).ok()?;
    (length >= HEADER && length <= bytes.len()).then_some((length, u16::from_ne_bytes(*kind)))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn one_is_seen_until_it_is_completed() {
        let listener = TcpListener::bind("[::]:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let in_progress = || are_in_progress(listener.as_fd(), port).unwrap();
        assert!(!in_progress(), "nobody has connected");
        // For the kernel the handshake lasts until the first byte.
        let deferred = libc::TCP_DEFER_ACCEPT;
        sys::setsockopt_int(listener.as_fd(), libc::IPPROTO_TCP, deferred, 30).unwrap();
        for address in ["127.0.0.1", "::1"] {
            let mut client = TcpStream::connect((address, port)).unwrap();
            assert!(in_progress(), "{address}: it is not seen");
            client.write_all(b"1").unwrap();
            listener.accept().unwrap();
            assert!(!in_progress(), "{address}: it is seen after its end");
        }
    }
}
