//! What this machine's kernel offers: detected once, and passed to every `bind` and `connector`.
//!
//! Injected rather than global, so that a test can simulate a machine without MPTCP, or with another default MSS.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd;
use std::sync::Mutex;

use libc::c_int;
use socket2::Domain;

use crate::options::SocketOption;
use crate::options::apply;
use crate::stream::{Lack, Support};
use crate::sys;

/// A kind of socket: its domain and its protocol number, as `socket(2)` takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SocketKind {
    /// Whether it is an IPv6 socket.
    pub inet6: bool,
    /// `IPPROTO_TCP` or another stream protocol.
    pub ipproto: c_int,
}

impl SocketKind {
    /// Returns the socket domain.
    pub fn domain(self) -> Domain {
        if self.inet6 { Domain::IPV6 } else { Domain::IPV4 }
    }
}

/// What the kernel offers for one kind of socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketSupport {
    /// The system's error number if such a socket cannot be created.
    pub missing: Option<c_int>,
    /// The MSS of a new socket in bytes; `None` if it cannot be read (MPTCP before Linux 6.17).
    pub default_mss: Option<u16>,
}

/// The kernel of a machine.
#[derive(Default)]
pub struct Kernel {
    sockets: Mutex<HashMap<SocketKind, SocketSupport>>,
    options: Mutex<HashMap<(SocketKind, &'static str), Support>>,
}

impl Kernel {
    /// Returns this machine's kernel. Each fact is determined when it is first needed, and only once.
    pub fn detect() -> Kernel {
        Kernel::default()
    }

    /// Overrides what one kind of socket supports, whatever the real machine supports.
    #[must_use]
    pub fn with(self, kind: SocketKind, support: SocketSupport) -> Kernel {
        lock(&self.sockets).insert(kind, support);
        self
    }

    /// Returns what is supported for a kind of socket, determined with a socket that is closed again.
    pub fn sockets(&self, kind: SocketKind) -> SocketSupport {
        let mut known = lock(&self.sockets);
        if let Some(support) = known.get(&kind) {
            return *support;
        }
        let support = probe(kind);
        // Running out of a resource at the moment says nothing about the kind.
        if !matches!(support.missing, Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM)) {
            known.insert(kind, support);
        }
        support
    }

    /// Removes the option with this name from one kind of socket, whatever the real machine supports.
    #[must_use]
    pub fn without(self, kind: SocketKind, option: &'static str) -> Kernel {
        lock(&self.options).insert((kind, option), Support::Unsupported(Lack::Kernel));
        self
    }

    /// Returns whether a kind of socket has an option, determined by setting it on a socket that is closed again. An
    /// option that is refused because of its value, or for lack of a privilege, does exist.
    pub fn takes(&self, kind: SocketKind, option: &SocketOption) -> Support {
        let name = option.spec().name;
        *lock(&self.options).entry((kind, name)).or_insert_with(|| {
            let loopback =
                if kind.inet6 { IpAddr::V6(Ipv6Addr::LOCALHOST) } else { IpAddr::V4(Ipv4Addr::LOCALHOST) };
            match sys::stream_socket(kind.domain(), kind.ipproto, None) {
                Ok(socket) => apply::set_towards(socket.as_fd(), option, SocketAddr::new(loopback, 1))
                    .unwrap_or(Support::Supported),
                // Creating the real socket will fail too, and that error says why.
                Err(_) => Support::Supported,
            }
        })
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernel").field("sockets", &*lock(&self.sockets)).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // The table is consistent whenever its lock is free: a panic elsewhere cannot have left it half-written.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn probe(kind: SocketKind) -> SocketSupport {
    match sys::stream_socket(kind.domain(), kind.ipproto, None) {
        Err(error) => SocketSupport { missing: Some(errno(&error)), default_mss: None },
        Ok(socket) => {
            let mss = sys::getsockopt_int(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_MAXSEG);
            SocketSupport { missing: None, default_mss: mss.ok().and_then(|mss| u16::try_from(mss).ok()) }
        }
    }
}

/// Returns the number of a system error, or `EIO` if it did not come from the system.
fn errno(error: &io::Error) -> c_int {
    error.raw_os_error().unwrap_or(libc::EIO)
}
