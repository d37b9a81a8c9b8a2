//! The system calls of this crate that the standard library does not offer.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// `send(2)` that neither waits nor raises a signal, whatever the socket is set to.
pub(crate) fn send_now(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: the bytes are readable during the call and the descriptor is borrowed for it.
    let sent = unsafe { libc::send(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Writes to a pipe without waiting, whatever the pipe is set to: `pwritev2(2)` with `RWF_NOWAIT`.
///
/// # Errors
/// The system's; `Unsupported` (`EOPNOTSUPP`) where pipes do not know the flag (they learnt it in Linux 6.4).
pub(crate) fn write_now(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    let part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: one part, alive during the call, of bytes that the kernel only reads. An offset of -1 stands for the
    // file's own, as a pipe needs it.
    let written = unsafe { libc::pwritev2(fd.as_raw_fd(), &raw const part, 1, -1, libc::RWF_NOWAIT) };
    usize::try_from(written).map_err(|_| io::Error::last_os_error())
}

/// Whether a descriptor takes something now.
pub(crate) fn is_writable(fd: BorrowedFd<'_>) -> bool {
    let mut poll = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
    // SAFETY: one structure, writable during the call; a timeout of 0 returns at once.
    let ready = unsafe { libc::poll(&raw mut poll, 1, 0) };
    // Errors and hang-ups too: the write tells which.
    ready > 0
}
