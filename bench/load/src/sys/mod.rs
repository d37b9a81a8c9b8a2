//! The system calls that neither the standard library nor socket2 offers. The only folder with `unsafe`.
#![allow(unsafe_code, reason = "system calls without a safe wrapper; each block says what it relies on")]

mod epoll;
mod place;

use std::io;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd};

pub(crate) use epoll::{Epoll, Watch};
pub use place::pin_thread;
pub(crate) use place::{die_with_parent, private_network};

/// `linux/mptcp.h`; libc has neither.
const SOL_MPTCP: libc::c_int = 284;
const MPTCP_INFO: libc::c_int = 1;
/// Offset of `mptcpi_subflows_total`, which kernels before 6.5 do not return.
const SUBFLOWS_TOTAL: usize = 80;

/// Returns the number of subflows of an MPTCP socket. Fails with `EOPNOTSUPP` if the connection fell back to TCP or
/// never was MPTCP.
pub(crate) fn mptcp_subflows(socket: BorrowedFd<'_>) -> io::Result<u8> {
    // Longer than the struct of any kernel so far; zeroed, because older kernels write less.
    let mut info = [0u8; 256];
    let mut len = info.len() as libc::socklen_t;
    // SAFETY: `info` is writable for the `len` bytes announced and both outlive the call; the fd is borrowed, hence open.
    let result = unsafe {
        libc::getsockopt(socket.as_raw_fd(), SOL_MPTCP, MPTCP_INFO, info.as_mut_ptr().cast(), &mut len)
    };
    check(result)?;
    let total = if len as usize > SUBFLOWS_TOTAL { info[SUBFLOWS_TOTAL] } else { info[0].saturating_add(1) };
    Ok(total)
}

/// Makes a socket bound to an address choose its port when it connects, when the whole four-tuple is known.
pub(crate) fn bind_address_no_port(socket: BorrowedFd<'_>) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: `on` is readable for its size and outlives the call; the fd is borrowed, hence open.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_BIND_ADDRESS_NO_PORT,
            (&raw const on).cast(),
            mem::size_of_val(&on) as libc::socklen_t,
        )
    };
    check(result).map(drop)
}

/// Receives what has arrived; `WouldBlock` if nothing has, whatever mode the socket is in.
pub(crate) fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: `buffer` is writable for the length given and outlives the call; the fd is borrowed, hence open.
    let result = unsafe {
        libc::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT)
    };
    count(result)
}

/// Sends what fits; `WouldBlock` if nothing does, whatever mode the socket is in.
pub(crate) fn send(socket: BorrowedFd<'_>, data: &[u8]) -> io::Result<usize> {
    // SAFETY: `data` is readable for the length given and outlives the call; the fd is borrowed, hence open.
    let result = unsafe {
        libc::send(
            socket.as_raw_fd(),
            data.as_ptr().cast(),
            data.len(),
            libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
        )
    };
    count(result)
}

fn count(result: libc::ssize_t) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// Raises this process's limit of open files to the most it may have, and returns it.
pub fn raise_file_limit() -> io::Result<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit to write to.
    check(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) })?;
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: `limit` is a valid rlimit to read from.
    check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) })?;
    Ok(limit.rlim_cur)
}

/// Returns the unit of the times in `/proc/PID/stat`.
pub(crate) fn ticks_per_second() -> u64 {
    sysconf(libc::_SC_CLK_TCK, 100)
}

/// Returns the unit of the sizes in `/proc/PID/stat`.
pub(crate) fn page_size() -> u64 {
    sysconf(libc::_SC_PAGESIZE, 4096)
}

fn sysconf(name: libc::c_int, otherwise: u64) -> u64 {
    // SAFETY: takes and returns integers only.
    u64::try_from(unsafe { libc::sysconf(name) }).ok().filter(|&value| value > 0).unwrap_or(otherwise)
}

/// SIGTERM and SIGINT, to be waited for instead of ending the process.
pub struct Termination {
    signals: libc::sigset_t,
}

impl Termination {
    /// Blocks the signals on this thread and those that it spawns later: call it before there are others.
    pub fn block() -> io::Result<Self> {
        // SAFETY: a sigset_t is plain data, and sigemptyset makes it a valid empty set.
        let signals = unsafe {
            let mut signals = mem::zeroed();
            libc::sigemptyset(&mut signals);
            libc::sigaddset(&mut signals, libc::SIGTERM);
            libc::sigaddset(&mut signals, libc::SIGINT);
            signals
        };
        // SAFETY: `signals` is a valid set; the old mask is not asked for.
        match unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &signals, std::ptr::null_mut()) } {
            0 => Ok(Self { signals }),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Waits for one of the signals.
    pub fn wait(&self) -> io::Result<()> {
        let mut signal = 0;
        // SAFETY: `signals` is a valid set and `signal` is writable.
        match unsafe { libc::sigwait(&self.signals, &mut signal) } {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

impl std::fmt::Debug for Termination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Termination")
    }
}

pub(crate) fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
