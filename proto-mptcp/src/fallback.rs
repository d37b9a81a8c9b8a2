//! A kernel without MPTCP, and a connection that is none: how each is known.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::OnceLock;

use proto_core::sys::{self, IPPROTO_MPTCP, IPPROTO_TCP};
use proto_core::transport::Fallback;
use socket2::Domain;

use crate::sys::{MPTCP_INFO, SOL_MPTCP};

/// TCP replaces MPTCP; a peer cannot tell a host without MPTCP from one that has it switched off.
pub(crate) const TO_TCP: Fallback = Fallback { ipproto: IPPROTO_TCP, name: "MPTCP", explain, is_native };

/// The errors with which `socket(2)` says that there is no MPTCP (seen on Linux 6.18, the first from its history).
fn explain(error: &io::Error) -> Option<&'static str> {
    Some(match error.raw_os_error()? {
        libc::EINVAL => "this kernel is older than Linux 5.6",
        libc::EPROTONOSUPPORT => "this kernel is built without it",
        libc::ENOPROTOOPT => "it is switched off, the sysctl net.mptcp.enabled is 0",
        libc::EPERM | libc::EACCES => "a security policy of this system forbids it",
        _ => return None,
    })
}

/// A connection that fell back keeps its MPTCP socket, but has no `MPTCP_INFO` any more. Asked for no bytes it is the
/// cheapest question.
pub(crate) fn is_native(socket: BorrowedFd<'_>) -> bool {
    match sys::getsockopt(socket, SOL_MPTCP, MPTCP_INFO, &mut []) {
        Ok(_) => true,
        Err(error) => !says_fallback(&error),
    }
}

/// Whether this kernel can be asked at all: a socket without a connection has `MPTCP_INFO` too. Linux 5.6 to 5.15 have
/// no such option and answer as for a fallback; nothing can be said there, so nothing is denied.
fn tells() -> bool {
    static TELLS: OnceLock<bool> = OnceLock::new();
    TELLS.get().copied().unwrap_or_else(|| {
        // Without a socket to ask nothing is learnt, and the kernels of today can be asked.
        let Ok(socket) = sys::stream_socket(Domain::IPV4, IPPROTO_MPTCP, None) else { return true };
        let tells = sys::getsockopt(socket.as_fd(), SOL_MPTCP, MPTCP_INFO, &mut []).is_ok();
        *TELLS.get_or_init(|| tells)
    })
}

/// The errors with which `MPTCP_INFO` says that a connection is plain TCP: the kernel asks the TCP socket below, where
/// IPv4 and IPv6 each have their own word for an option that they do not know (Linux 6.18).
pub(crate) fn says_fallback(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::ENOPROTOOPT)) && tells()
}
