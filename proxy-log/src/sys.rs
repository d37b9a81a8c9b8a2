//! The system calls of this crate that the standard library does not offer.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::{c_int, time_t, tm};

use crate::date::LocalTime;

/// What the clock on the wall shows that many seconds after 1970; all zero if that year has no number.
pub(crate) fn local_time(seconds: i64) -> LocalTime {
    // SAFETY: the same contract as `gmtime_r`, see `broken_down`.
    broken_down(seconds, |seconds, out| unsafe { libc::localtime_r(seconds, out) })
}

/// The same in Greenwich.
pub(crate) fn universal_time(seconds: i64) -> LocalTime {
    // SAFETY: see `broken_down`.
    broken_down(seconds, |seconds, out| unsafe { libc::gmtime_r(seconds, out) })
}

/// Calls `localtime_r` or `gmtime_r` with a time and room for the result, both alive during the call.
fn broken_down(seconds: i64, call: impl FnOnce(*const time_t, *mut tm) -> *mut tm) -> LocalTime {
    let mut out = MaybeUninit::<tm>::zeroed();
    if call(&raw const seconds, out.as_mut_ptr()).is_null() {
        return LocalTime::default();
    }
    // SAFETY: a result that is not null says that the structure is filled in; all zero would be valid as well.
    let tm = unsafe { out.assume_init() };
    let small = |value: c_int| u8::try_from(value).unwrap_or(0);
    LocalTime {
        year: tm.tm_year.saturating_add(1900),
        month: small(tm.tm_mon),
        day: small(tm.tm_mday),
        hour: small(tm.tm_hour),
        minute: small(tm.tm_min),
        second: small(tm.tm_sec),
        micros: 0,
        east: i32::try_from(tm.tm_gmtoff / 60).unwrap_or(0),
    }
}

/// The name of this machine, for `log-send-hostname` without a name.
///
/// # Errors
/// The system's.
pub fn hostname() -> io::Result<String> {
    // Longer than HOST_NAME_MAX (64) by the zero at the end and then some.
    let mut name = [0_u8; 256];
    // SAFETY: the buffer is writable for the length that is given.
    if unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(name).into_owned())
}

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
