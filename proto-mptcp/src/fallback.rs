//! Detecting a kernel without MPTCP, and a connection that fell back to TCP.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::OnceLock;

use proto_core::sys::{self, IPPROTO_MPTCP, IPPROTO_TCP};
use proto_core::transport::Fallback;
use socket2::Domain;

use crate::sys::{MPTCP_INFO, SOL_MPTCP};

/// TCP replaces MPTCP; a peer cannot distinguish a host without MPTCP from one on which it is disabled.
pub(crate) const TO_TCP: Fallback = Fallback { ipproto: IPPROTO_TCP, name: "MPTCP", explain, is_native };

/// Explains the errors with which `socket(2)` reports that there is no MPTCP (seen on Linux 6.18, the first from its
/// history).
fn explain(error: &io::Error) -> Option<&'static str> {
    Some(match error.raw_os_error()? {
        libc::EINVAL => "this kernel is older than Linux 5.6",
        libc::EPROTONOSUPPORT => "this kernel is built without it",
        libc::ENOPROTOOPT => "it is disabled, the sysctl net.mptcp.enabled is 0",
        libc::EPERM | libc::EACCES => "a security policy of this system forbids it",
        _ => return None,
    })
}

/// Returns whether a connection still uses MPTCP. One that fell back keeps its MPTCP socket, but no longer has
/// `MPTCP_INFO`. Reading zero bytes of it is the cheapest test.
pub(crate) fn is_native(socket: BorrowedFd<'_>) -> bool {
    match sys::getsockopt(socket, SOL_MPTCP, MPTCP_INFO, &mut []) {
        Ok(_) => true,
        Err(error) => !says_fallback(&error),
    }
}

/// Returns whether this kernel has `MPTCP_INFO` at all: a socket without a connection has it too. Linux 5.6 to 5.15
/// lack the option and return the same error as for a fallback; there a fallback is never reported.
fn has_mptcp_info() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    ANSWER.get().copied().unwrap_or_else(|| {
        // Without a socket nothing can be determined, and current kernels have it.
        let Ok(socket) = sys::stream_socket(Domain::IPV4, IPPROTO_MPTCP, None) else { return true };
        let has_info = sys::getsockopt(socket.as_fd(), SOL_MPTCP, MPTCP_INFO, &mut []).is_ok();
        *ANSWER.get_or_init(|| has_info)
    })
}

/// Returns whether an error of `MPTCP_INFO` means that a connection is plain TCP: the kernel passes the request to the
/// TCP socket below, and IPv4 and IPv6 return different errors for an option that they do not know (Linux 6.18).
pub(crate) fn says_fallback(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::ENOPROTOOPT)) && has_mptcp_info()
}
