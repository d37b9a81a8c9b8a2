//! What this machine's kernel offers: learnt once, handed to every `bind` and `connector`.
//!
//! Injected rather than global, so that a test can be on a machine without MPTCP, or with another default MSS.

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
    /// The domain.
    pub fn domain(self) -> Domain {
        if self.inet6 { Domain::IPV6 } else { Domain::IPV4 }
    }
}

/// What the kernel offers for one kind of socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketSupport {
    /// The system's error number if such a socket cannot be made.
    pub missing: Option<c_int>,
    /// The MSS of a new socket in bytes; `None` where it cannot be read (MPTCP before Linux 6.17).
    pub default_mss: Option<u16>,
}

/// The machine.
#[derive(Default)]
pub struct Kernel {
    sockets: Mutex<HashMap<SocketKind, SocketSupport>>,
    options: Mutex<HashMap<(SocketKind, &'static str), Support>>,
}

impl Kernel {
    /// This machine. Nothing is asked before it is needed, and nothing twice.
    pub fn detect() -> Kernel {
        Kernel::default()
    }

    /// A machine on which one kind of socket is like this, whatever the real one says.
    #[must_use]
    pub fn with(self, kind: SocketKind, support: SocketSupport) -> Kernel {
        lock(&self.sockets).insert(kind, support);
        self
    }

    /// What is offered for a kind of socket, by a socket that is closed again.
    pub fn sockets(&self, kind: SocketKind) -> SocketSupport {
        let mut known = lock(&self.sockets);
        if let Some(support) = known.get(&kind) {
            return *support;
        }
        let support = probe(kind);
        // Being out of something just now says nothing about the kind.
        if !matches!(support.missing, Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM)) {
            known.insert(kind, support);
        }
        support
    }

    /// A machine on which one kind of socket does not have an option, by its name, whatever the real one says.
    #[must_use]
    pub fn without(self, kind: SocketKind, option: &'static str) -> Kernel {
        lock(&self.options).insert((kind, option), Support::Unsupported(Lack::Kernel));
        self
    }

    /// Whether a kind of socket has an option, by setting it on a socket that is closed again. One that is refused for
    /// its value, or for want of a privilege, is there all the same.
    pub fn takes(&self, kind: SocketKind, option: &SocketOption) -> Support {
        let name = option.spec().name;
        *lock(&self.options).entry((kind, name)).or_insert_with(|| {
            let nobody =
                if kind.inet6 { IpAddr::V6(Ipv6Addr::LOCALHOST) } else { IpAddr::V4(Ipv4Addr::LOCALHOST) };
            match sys::stream_socket(kind.domain(), kind.ipproto, None) {
                Ok(socket) => apply::set_towards(socket.as_fd(), option, SocketAddr::new(nobody, 1))
                    .unwrap_or(Support::Supported),
                // No such socket will be made either; whoever makes it says why.
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
    // A table of facts is whole whenever its lock is free: a panic elsewhere cannot have torn it.
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

/// The number of a system error; `EIO` for one that did not come from the system.
fn errno(error: &io::Error) -> c_int {
    error.raw_os_error().unwrap_or(libc::EIO)
}
