//! Setting options on a socket and reading them back.

use std::io;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use libc::{IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET, c_int};
use socket2::{Domain, SockRef};

use super::SocketOption;
use crate::stream::{Lack, Support};
use crate::sys;

/// Sets an option on a socket at any stage. Options that are not set on a socket, but determine how it is made or
/// bound (`backlog`, `v6only`, `namespace`, `source`), are `Unsupported` here, and so is a key without a peer.
///
/// # Errors
/// Returns the system's error, unless it means that this kind of socket does not have the option.
pub fn set(fd: BorrowedFd<'_>, option: &SocketOption) -> io::Result<Support> {
    let result = match option {
        SocketOption::Tos(tos) => set_tos(fd, *tos),
        _ => try_set(fd, option),
    };
    match result {
        Ok(support) => Ok(support),
        Err(error) if is_unsupported(&error) => Ok(Support::Unsupported(Lack::Kernel)),
        Err(error) => Err(error),
    }
}

/// Sets an option on a socket that is to connect to a peer, or to listen on an address; the key of MD5 signatures
/// belongs to one. Otherwise the same as [`set`].
///
/// # Errors
/// Returns the errors of [`set`].
pub fn set_towards(fd: BorrowedFd<'_>, option: &SocketOption, address: SocketAddr) -> io::Result<Support> {
    match option {
        SocketOption::Md5Signature(key) => set_md5_key(fd, address, key.bytes()),
        _ => set(fd, option),
    }
}

/// Returns whether an error means that this kind of socket does not have an option.
///
/// MPTCP returns `ENOPROTOOPT` or `EOPNOTSUPP` for options that TCP has (Linux 6.18); both mean the same.
pub fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOPROTOOPT | libc::EOPNOTSUPP))
}

fn try_set(fd: BorrowedFd<'_>, option: &SocketOption) -> io::Result<Support> {
    let socket = SockRef::from(&fd);
    let tcp = |name, value: c_int| sys::setsockopt_int(fd, IPPROTO_TCP, name, value);
    match option {
        SocketOption::Mss(bytes) => tcp(libc::TCP_MAXSEG, c_int::from(*bytes))?,
        SocketOption::FastOpen if socket.is_listener()? || is_bound(fd) => {
            tcp(libc::TCP_FASTOPEN, FAST_OPEN_QUEUE)?;
        }
        SocketOption::FastOpen => tcp(libc::TCP_FASTOPEN_CONNECT, 1)?,
        SocketOption::DeferAccept => tcp(libc::TCP_DEFER_ACCEPT, 1)?,
        SocketOption::Interface(name) => socket.bind_device(Some(name.as_bytes()))?,
        SocketOption::Transparent => make_foreign(fd)?,
        SocketOption::UserTimeout(time) => tcp(libc::TCP_USER_TIMEOUT, milliseconds(*time))?,
        SocketOption::SaveSyn(mode) => tcp(libc::TCP_SAVE_SYN, c_int::from(*mode))?,
        SocketOption::CongestionControl(name) => {
            sys::setsockopt(fd, IPPROTO_TCP, libc::TCP_CONGESTION, name.as_bytes())?;
        }
        SocketOption::NoLinger => socket.set_linger(Some(Duration::ZERO))?,
        SocketOption::Linger => socket.set_linger(None)?,
        SocketOption::DelayAck => tcp(libc::TCP_QUICKACK, 0)?,
        SocketOption::KeepAlive => socket.set_keepalive(true)?,
        SocketOption::KeepAliveIdle(time) => tcp(libc::TCP_KEEPIDLE, seconds(*time))?,
        SocketOption::KeepAliveInterval(time) => tcp(libc::TCP_KEEPINTVL, seconds(*time))?,
        SocketOption::KeepAliveCount(count) => tcp(libc::TCP_KEEPCNT, c_int::from(*count))?,
        SocketOption::ReceiveBuffer(bytes) => socket.set_recv_buffer_size(*bytes as usize)?,
        SocketOption::SendBuffer(bytes) => socket.set_send_buffer_size(*bytes as usize)?,
        SocketOption::NotSentLowat(bytes) => {
            sys::setsockopt(fd, IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT, &bytes.to_ne_bytes())?;
        }
        SocketOption::Mark(mark) => socket.set_mark(*mark)?,
        SocketOption::Repair => tcp(libc::TCP_REPAIR, 1)?,
        SocketOption::Ttl(hops) if socket.domain()? == Domain::IPV6 => {
            socket.set_unicast_hops_v6((*hops).into())?;
            // What goes to a mapped address.
            let _ = socket.set_ttl_v4((*hops).into());
        }
        SocketOption::Ttl(hops) => socket.set_ttl_v4((*hops).into())?,
        SocketOption::Tos(_)
        | SocketOption::Md5Signature(_)
        | SocketOption::Backlog(_)
        | SocketOption::V4V6
        | SocketOption::V6Only
        | SocketOption::Namespace(_)
        | SocketOption::Source(_)
        | SocketOption::UseSource(_) => {
            return Ok(Support::Unsupported(Lack::Protocol(
                "it determines how a socket is made, and this one already is",
            )));
        }
    }
    Ok(Support::Supported)
}

/// The length of the Fast Open queue, in connections. HAProxy uses the backlog; the kernel caps it at `somaxconn`.
const FAST_OPEN_QUEUE: c_int = 4096;

/// Sets the type of service at both levels: IPv4 packets of an IPv6 socket (mapped addresses, IPv4 paths of an MPTCP
/// connection) use `IP_TOS`, the others `IPV6_TCLASS`. An MPTCP socket has only the first (Linux 6.18).
fn set_tos(fd: BorrowedFd<'_>, tos: u8) -> io::Result<Support> {
    sys::setsockopt_int(fd, IPPROTO_IP, libc::IP_TOS, c_int::from(tos))?;
    if SockRef::from(&fd).domain()? != Domain::IPV6 {
        return Ok(Support::Supported);
    }
    match sys::setsockopt_int(fd, IPPROTO_IPV6, libc::IPV6_TCLASS, c_int::from(tos)) {
        Ok(()) => Ok(Support::Supported),
        Err(error) if is_unsupported(&error) => {
            Ok(Support::Partly("this kind of socket applies it to IPv4 packets only"))
        }
        Err(error) => Err(error),
    }
}

/// Allows a socket to bind to an address that is not of this host. It uses the first option that works, as HAProxy
/// does: transparent needs `CAP_NET_ADMIN` or `CAP_NET_RAW`, freebind needs nothing.
pub fn make_foreign(fd: BorrowedFd<'_>) -> io::Result<()> {
    let transparent = match SockRef::from(&fd).domain()? {
        Domain::IPV6 => sys::setsockopt_int(fd, IPPROTO_IPV6, libc::IPV6_TRANSPARENT, 1),
        _ => sys::setsockopt_int(fd, IPPROTO_IP, libc::IP_TRANSPARENT, 1),
    };
    transparent.or_else(|_| sys::setsockopt_int(fd, IPPROTO_IP, libc::IP_FREEBIND, 1))
}

/// Sets the key of TCP MD5 signatures (RFC 2385) for a peer, or, as HAProxy does, for a listener's own address.
fn set_md5_key(fd: BorrowedFd<'_>, peer: SocketAddr, key: &[u8]) -> io::Result<Support> {
    // struct tcp_md5sig of linux/tcp.h: a sockaddr_storage, flags u8, prefix length u8, key length u16,
    // interface index i32, 80 bytes of key.
    const STORAGE: usize = size_of::<libc::sockaddr_storage>();
    let mut value = [0; STORAGE + 8 + 80];
    let address = sys::socket_address_bytes(peer);
    value[..address.len()].copy_from_slice(&address);
    value[STORAGE + 2..STORAGE + 4].copy_from_slice(&(key.len() as u16).to_ne_bytes());
    value[STORAGE + 8..STORAGE + 8 + key.len()].copy_from_slice(key);
    match sys::setsockopt(fd, IPPROTO_TCP, libc::TCP_MD5SIG, &value) {
        Ok(()) => Ok(Support::Supported),
        Err(error) if is_unsupported(&error) => Ok(Support::Unsupported(Lack::Kernel)),
        Err(error) => Err(error),
    }
}

/// Returns whether the kernel reports an option as it was set, or `None` if it cannot be read back.
///
/// # Errors
/// Returns the system's error.
pub fn holds(fd: BorrowedFd<'_>, option: &SocketOption) -> io::Result<Option<bool>> {
    let socket = SockRef::from(&fd);
    let tcp = |name| sys::getsockopt_int(fd, IPPROTO_TCP, name);
    Ok(Some(match option {
        // The kernel may use some of it for its own headers: an MPTCP or time-stamped segment has 12 to 20 bytes of
        // them.
        SocketOption::Mss(bytes) => {
            (c_int::from(*bytes) - 40..=c_int::from(*bytes)).contains(&tcp(libc::TCP_MAXSEG)?)
        }
        SocketOption::DeferAccept => tcp(libc::TCP_DEFER_ACCEPT)? > 0,
        SocketOption::FastOpen => tcp(libc::TCP_FASTOPEN)? > 0 || tcp(libc::TCP_FASTOPEN_CONNECT)? > 0,
        SocketOption::Interface(name) => socket.device()?.is_some_and(|device| device == name.as_bytes()),
        SocketOption::Transparent => {
            is_transparent(fd)? || sys::getsockopt_int(fd, IPPROTO_IP, libc::IP_FREEBIND)? != 0
        }
        SocketOption::UserTimeout(time) => tcp(libc::TCP_USER_TIMEOUT)? == milliseconds(*time),
        SocketOption::SaveSyn(mode) => tcp(libc::TCP_SAVE_SYN)? == c_int::from(*mode),
        SocketOption::CongestionControl(name) => {
            let mut value = [0; 16];
            let length = sys::getsockopt(fd, IPPROTO_TCP, libc::TCP_CONGESTION, &mut value)?;
            value[..length].split(|b| *b == 0).next() == Some(name.as_bytes())
        }
        SocketOption::NoLinger => socket.linger()? == Some(Duration::ZERO),
        SocketOption::Linger => socket.linger()?.is_none(),
        SocketOption::KeepAlive => socket.keepalive()?,
        SocketOption::KeepAliveIdle(time) => tcp(libc::TCP_KEEPIDLE)? == seconds(*time),
        SocketOption::KeepAliveInterval(time) => tcp(libc::TCP_KEEPINTVL)? == seconds(*time),
        SocketOption::KeepAliveCount(count) => tcp(libc::TCP_KEEPCNT)? == c_int::from(*count),
        SocketOption::ReceiveBuffer(bytes) => socket.recv_buffer_size()? >= *bytes as usize,
        SocketOption::SendBuffer(bytes) => socket.send_buffer_size()? >= *bytes as usize,
        SocketOption::NotSentLowat(bytes) => tcp(libc::TCP_NOTSENT_LOWAT)? == *bytes as c_int,
        SocketOption::Mark(mark) => socket.mark()? == *mark,
        SocketOption::Tos(tos) => sys::getsockopt_int(fd, IPPROTO_IP, libc::IP_TOS)? == c_int::from(*tos),
        SocketOption::Repair => tcp(libc::TCP_REPAIR)? == 1,
        SocketOption::Ttl(hops) if socket.domain()? == Domain::IPV6 => {
            socket.unicast_hops_v6()? == u32::from(*hops)
        }
        SocketOption::Ttl(hops) => socket.ttl_v4()? == u32::from(*hops),
        // The kernel changes it with the traffic.
        SocketOption::DelayAck
        | SocketOption::Md5Signature(_)
        | SocketOption::Backlog(_)
        // Binding to one IPv6 address changes what the socket reports (Linux 6.18).
        | SocketOption::V4V6
        | SocketOption::V6Only
        | SocketOption::Namespace(_)
        | SocketOption::Source(_)
        | SocketOption::UseSource(_) => return Ok(None),
    }))
}

/// Returns whether a socket is transparent, so that its local address may be one that is not of this host.
///
/// # Errors
/// Returns the system's error.
pub fn is_transparent(fd: BorrowedFd<'_>) -> io::Result<bool> {
    let transparent = match SockRef::from(&fd).domain()? {
        Domain::IPV6 => sys::getsockopt_int(fd, IPPROTO_IPV6, libc::IPV6_TRANSPARENT)?,
        _ => sys::getsockopt_int(fd, IPPROTO_IP, libc::IP_TRANSPARENT)?,
    };
    Ok(transparent != 0)
}

fn is_bound(fd: BorrowedFd<'_>) -> bool {
    SockRef::from(&fd)
        .local_addr()
        .ok()
        .and_then(|addr| addr.as_socket())
        .is_some_and(|addr| addr.port() != 0)
}

/// Binds a socket to an interface that cannot exist, so that packets of new connections no longer reach it.
///
/// Connections that the kernel has accepted, and those whose handshake has begun, stay: the kernel finds them by their
/// own entry (seen on Linux 6.18, for TCP and MPTCP). It needs no privilege on a socket that was bound to no
/// interface.
///
/// # Errors
/// Returns `EPERM` on a socket that is bound to an interface, without `CAP_NET_RAW`.
pub(crate) fn leave_all_interfaces(fd: BorrowedFd<'_>) -> io::Result<()> {
    sys::setsockopt_int(fd, SOL_SOCKET, libc::SO_BINDTOIFINDEX, c_int::MAX)
}

fn milliseconds(time: Duration) -> c_int {
    c_int::try_from(time.as_millis()).unwrap_or(c_int::MAX)
}

fn seconds(time: Duration) -> c_int {
    c_int::try_from(time.as_secs()).unwrap_or(c_int::MAX)
}
