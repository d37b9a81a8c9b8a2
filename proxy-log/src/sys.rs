//! The system calls of this crate that the standard library does not offer.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Calls `send(2)` so that it neither waits nor raises a signal, however the socket is set.
pub(crate) fn send_now(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: the bytes are readable during the call and the descriptor is borrowed for it.
    let sent = unsafe { libc::send(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Writes to a pipe without waiting, however the pipe is set: `pwritev2(2)` with `RWF_NOWAIT`.
///
/// # Errors
/// Returns the system's error; `Unsupported` (`EOPNOTSUPP`) if pipes do not support the flag (they do since Linux
/// 6.4).
pub(crate) fn write_now(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    let part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: one part, alive during the call, of bytes that the kernel only reads. An offset of -1 stands for the
    // file's own, as a pipe needs it.
    let written = unsafe { libc::pwritev2(fd.as_raw_fd(), &raw const part, 1, -1, libc::RWF_NOWAIT) };
    usize::try_from(written).map_err(|_| io::Error::last_os_error())
}

/// Returns whether a descriptor is writable now.
pub(crate) fn is_writable(fd: BorrowedFd<'_>) -> bool {
    let mut poll = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
    // SAFETY: one structure, writable during the call; a timeout of 0 returns at once.
    let ready = unsafe { libc::poll(&raw mut poll, 1, 0) };
    // Errors and hang-ups count, too: the write reports which it is.
    ready > 0
}
