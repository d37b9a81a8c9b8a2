//! Waits for many descriptors: epoll, level-triggered, with the descriptors themselves as tokens.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use super::check;

/// How a file descriptor is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    Readable,
    /// Readable, and only one of several epolls that watch it is woken, which avoids a thundering herd at the
    /// listener.
    ReadableExclusive,
    /// Writable only: input waits until the watch changes back.
    Writable,
}

impl Watch {
    fn events(self) -> u32 {
        (match self {
            Self::Readable => libc::EPOLLIN,
            Self::ReadableExclusive => libc::EPOLLIN | libc::EPOLLEXCLUSIVE,
            Self::Writable => libc::EPOLLOUT,
        }) as u32
    }
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
        // SAFETY: the call has just created this descriptor; no other value owns it.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    /// Watches `fd` until it is closed.
    pub(crate) fn add(&self, fd: BorrowedFd<'_>, watch: Watch) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, watch)
    }

    /// Changes how `fd` is watched. Not for exclusive watches, which the kernel does not allow to change.
    pub(crate) fn change(&self, fd: BorrowedFd<'_>, watch: Watch) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, watch)
    }

    fn control(&self, operation: libc::c_int, fd: BorrowedFd<'_>, watch: Watch) -> io::Result<()> {
        let fd = fd.as_raw_fd();
        let mut event = libc::epoll_event { events: watch.events(), u64: fd as u64 };
        // SAFETY: `event` outlives the call; both descriptors are open, owned and borrowed.
        check(unsafe { libc::epoll_ctl(self.fd.as_raw_fd(), operation, fd, &mut event) }).map(drop)
    }

    /// Waits, and replaces the contents of `ready` with the descriptors that are ready. A timeout is exact to the
    /// timer slack of the thread, 50 us: an open loop at thousands per second needs more than milliseconds.
    pub(crate) fn wait(&self, timeout: Option<Duration>, ready: &mut Vec<RawFd>) -> io::Result<()> {
        ready.clear();
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
        let (fd, len) = (self.fd.as_raw_fd(), events.len() as libc::c_int);
        let result = match timeout {
            // SAFETY: `events` is writable for the length given and outlives the call; the epoll descriptor is owned.
            None => check(unsafe { libc::epoll_wait(fd, events.as_mut_ptr(), len, -1) }),
            Some(timeout) => {
                let limit = libc::timespec {
                    tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
                    tv_nsec: timeout.subsec_nanos().into(),
                };
                // SAFETY: as above; `limit` is readable and outlives the call, and without a signal mask its size is
                // not read.
                let result = unsafe {
                    libc::syscall(
                        libc::SYS_epoll_pwait2,
                        fd,
                        events.as_mut_ptr(),
                        len,
                        &raw const limit,
                        ptr::null::<libc::sigset_t>(),
                        0,
                    )
                };
                check(result as libc::c_int)
            }
        };
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
