//! The system calls the standard library and socket2 do not offer. The only module with `unsafe`.
#![allow(unsafe_code, reason = "system calls without a safe wrapper; each block says what it relies on")]

use std::io;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// `linux/mptcp.h`; libc has neither.
const SOL_MPTCP: libc::c_int = 284;
const MPTCP_INFO: libc::c_int = 1;
/// Offset of `mptcpi_subflows_total`, which kernels before 6.5 do not return.
const SUBFLOWS_TOTAL: usize = 80;

/// Number of subflows of an MPTCP socket. `EOPNOTSUPP` when the connection fell back to TCP or never was MPTCP.
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

/// Lets a socket bound to an address choose its port when it connects, when the whole four-tuple can be looked at.
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

/// Raises this process's limit of open files to what it may have, and returns it.
pub fn raise_file_limit() -> io::Result<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit to write to.
    check(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) })?;
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: `limit` is a valid rlimit to read from.
    check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) })?;
    Ok(limit.rlim_cur)
}

/// The unit of the times in `/proc/PID/stat`.
pub(crate) fn ticks_per_second() -> u64 {
    sysconf(libc::_SC_CLK_TCK, 100)
}

/// The unit of the sizes in `/proc/PID/stat`.
pub(crate) fn page_size() -> u64 {
    sysconf(libc::_SC_PAGESIZE, 4096)
}

fn sysconf(name: libc::c_int, otherwise: u64) -> u64 {
    // SAFETY: takes and returns integers only.
    u64::try_from(unsafe { libc::sysconf(name) }).ok().filter(|&value| value > 0).unwrap_or(otherwise)
}

/// SIGTERM and SIGINT as something to wait for instead of a sudden end.
pub struct Termination {
    signals: libc::sigset_t,
}

impl Termination {
    /// Blocks the signals on this thread and those it will spawn: call it before there are others.
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

/// How a file descriptor is watched.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Watch {
    Readable,
    /// Readable, and of several epolls that watch it one is woken: no herd at the listener.
    ReadableExclusive,
}

/// An epoll instance whose tokens are the watched descriptors themselves.
#[derive(Debug)]
pub(crate) struct Epoll {
    fd: OwnedFd,
}

impl Epoll {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: takes and returns integers only.
        let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the call just made this descriptor; nobody else owns it.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    /// Watches `fd` until it is closed.
    pub(crate) fn add(&self, fd: BorrowedFd<'_>, watch: Watch) -> io::Result<()> {
        let events = match watch {
            Watch::Readable => libc::EPOLLIN,
            Watch::ReadableExclusive => libc::EPOLLIN | libc::EPOLLEXCLUSIVE,
        };
        let fd = fd.as_raw_fd();
        let mut event = libc::epoll_event { events: events as u32, u64: fd as u64 };
        // SAFETY: `event` outlives the call; both descriptors are open, owned and borrowed.
        check(unsafe { libc::epoll_ctl(self.fd.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &mut event) }).map(drop)
    }

    /// Waits, and appends the descriptors that are ready to `ready` after clearing it.
    pub(crate) fn wait(&self, timeout: Option<Duration>, ready: &mut Vec<RawFd>) -> io::Result<()> {
        ready.clear();
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
        let millis = timeout
            .map_or(-1, |timeout| libc::c_int::try_from(timeout.as_millis()).unwrap_or(libc::c_int::MAX));
        // SAFETY: `events` is writable for the length given and outlives the call; the epoll descriptor is owned.
        let result = check(unsafe {
            libc::epoll_wait(self.fd.as_raw_fd(), events.as_mut_ptr(), events.len() as libc::c_int, millis)
        });
        match result {
            Ok(count) => {
                ready.extend(events.iter().take(count as usize).map(|event| event.u64 as RawFd));
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
