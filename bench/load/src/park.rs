//! Idle connections that wait for their client to end them: one thread and one epoll for all, so that ten thousand
//! held connections do not cost the origin ten thousand threads.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::link::Link;
use crate::sys::{Epoll, Watch};

#[derive(Debug)]
pub(crate) struct Park {
    epoll: Epoll,
    links: Mutex<HashMap<RawFd, Link>>,
}

impl Park {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { epoll: Epoll::new()?, links: Mutex::default() })
    }

    pub(crate) fn add(&self, link: Link) -> io::Result<()> {
        let mut links = self.links();
        // Under the lock, so that an immediate end finds the connection.
        self.epoll.add(link.as_fd(), Watch::Readable)?;
        links.insert(link.as_raw_fd(), link);
        Ok(())
    }

    /// Closes connections that their clients have ended, and calls `closed` for each, until `stop` becomes
    /// readable; then closes the rest.
    pub(crate) fn run(&self, stop: BorrowedFd<'_>, mut closed: impl FnMut()) -> io::Result<()> {
        self.epoll.add(stop, Watch::Readable)?;
        let mut ready = Vec::new();
        loop {
            self.epoll.wait(None, &mut ready)?;
            if ready.contains(&stop.as_raw_fd()) {
                self.links().clear();
                return Ok(());
            }
            for fd in &ready {
                // The protocol has no data here; whatever a parked client sends ends the connection. It is closed
                // after the lock is released, for which threads that park connections wait.
                let link = self.links().remove(fd);
                if link.is_some() {
                    closed();
                }
            }
        }
    }

    fn links(&self) -> MutexGuard<'_, HashMap<RawFd, Link>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
