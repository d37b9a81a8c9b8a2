//! The system calls of this crate: pipes and `splice(2)`.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

use libc::c_int;

/// Calls `pipe2(2)`, non-blocking and close-on-exec; returns the end to read from and the end to write to.
pub(crate) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends: [c_int; 2] = [-1; 2];
    // SAFETY: `ends` has room for the two descriptors that the kernel writes.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK | libc::O_CLOEXEC) } == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so both descriptors are new, open and owned by no other value.
    Ok(unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}

/// Sets the capacity of a pipe in bytes (`F_SETPIPE_SZ`, fcntl(2)); returns the capacity it has now.
pub(crate) fn set_pipe_size(pipe: BorrowedFd<'_>, size: usize) -> io::Result<usize> {
    let size = c_int::try_from(size).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: takes an integer and touches no memory of ours; the descriptor is borrowed for the call.
    let result = unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETPIPE_SZ, size) };
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// Calls `splice(2)`, without waiting for the pipe. Whether the call waits for the other end depends on that
/// descriptor, which must be non-blocking. Returns 0 at the end of file only.
///
/// Unlike `send(2)` it has no flag against `SIGPIPE`; Rust's runtime ignores that signal from the start of a program.
pub(crate) fn splice(from: BorrowedFd<'_>, to: BorrowedFd<'_>, length: usize) -> io::Result<usize> {
    let flags = libc::SPLICE_F_MOVE | libc::SPLICE_F_NONBLOCK;
    // SAFETY: both offsets are null, so the kernel touches no memory of ours; the descriptors are borrowed for the
    // call.
    let result = unsafe {
        libc::splice(from.as_raw_fd(), ptr::null_mut(), to.as_raw_fd(), ptr::null_mut(), length, flags)
    };
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// Calls `read(2)`.
pub(crate) fn read(from: BorrowedFd<'_>, into: &mut [u8]) -> io::Result<usize> {
    // SAFETY: `into` is writable for its length during the call; the descriptor is borrowed for the call.
    let result = unsafe { libc::read(from.as_raw_fd(), into.as_mut_ptr().cast(), into.len()) };
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}
