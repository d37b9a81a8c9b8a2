//! The queue of a listening socket: connections that the kernel has accepted and the program has not.

use std::io;
use std::os::fd::AsFd;

use crate::sys;

/// The queue of a listening TCP socket in `TCP_INFO`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptQueue {
    /// The number of connections that wait.
    pub waiting: u32,
    /// The most that may wait (`listen`'s backlog).
    pub limit: u32,
}

impl AcceptQueue {
    /// Returns the queue of a listening TCP socket.
    pub fn of(listener: impl AsFd) -> io::Result<Self> {
        // `struct tcp_info`: of a listener the words tcpi_unacked and tcpi_sacked, at 24 and 28, are these two.
        let mut info = [0; 104];
        sys::tcp_info(listener.as_fd(), &mut info)?;
        let [.., a, b, c, d, e, f, g, h] = info[..32] else { return Err(io::ErrorKind::InvalidData.into()) };
        Ok(Self { waiting: u32::from_ne_bytes([a, b, c, d]), limit: u32::from_ne_bytes([e, f, g, h]) })
    }
}
