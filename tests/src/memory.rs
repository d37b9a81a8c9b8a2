//! The memory that all TCP sockets of the machine share, whichever namespace they are in.
//!
//! Above the second of the three numbers in `net.ipv4.tcp_mem` the kernel is under "memory pressure" and reduces the
//! windows and buffers of *every* socket to a few kilobytes. No transfer is fast then, and measurements are
//! meaningless; a laboratory shares this memory with all programs on the machine and can only wait for the pressure to
//! pass.

use std::fmt;
use std::fs;
use std::io;
use std::time::Duration;

use crate::error::{Context, Result};
use crate::poll::eventually;

const USED: &str = "/proc/net/sockstat";
const LIMITS: &str = "/proc/sys/net/ipv4/tcp_mem";

/// How long to wait for the pressure to pass.
const LIMIT: Duration = Duration::from_secs(30);

/// TCP's memory, in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpMemory {
    /// The pages that all sockets hold together.
    pub used: u64,
    /// The pages above which there is pressure.
    pub pressure: u64,
}

impl TcpMemory {
    /// Reads it; `None` if it is not visible: only the machine's first network namespace has the limits.
    pub fn read() -> Option<Self> {
        Self::parse(&fs::read_to_string(USED).ok()?, &fs::read_to_string(LIMITS).ok()?)
    }

    /// Returns whether there is room: less than half is used, as the tests need some, too.
    pub fn has_room(self) -> bool {
        self.used < self.pressure / 2
    }

    fn parse(used: &str, limits: &str) -> Option<Self> {
        let mut words = used.lines().find_map(|line| line.strip_prefix("TCP:"))?.split_ascii_whitespace();
        words.find(|word| *word == "mem")?;
        let pressure = limits.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some(Self { used: words.next()?.parse().ok()?, pressure })
    }
}

impl fmt::Display for TcpMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "all TCP sockets of the machine hold {} pages; pressure begins at {}",
            self.used, self.pressure
        )
    }
}

/// Waits until there is room.
pub(crate) fn wait_for_room() -> Result<()> {
    let mut last = None;
    let room = || {
        last = TcpMemory::read();
        last.is_none_or(TcpMemory::has_room).then_some(())
    };
    let found = eventually(LIMIT, room).ok_or_else(|| io::ErrorKind::TimedOut.into());
    found.context("get TCP memory:", last.map(|memory| memory.to_string()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_and_limit_are_found() {
        let used = "sockets: used 9\nTCP: inuse 7 orphan 0 tw 3 alloc 7 mem 80\nUDP: inuse 1 mem 5\n";
        let memory = TcpMemory::parse(used, "10\t200\t300\n");
        assert_eq!(memory, Some(TcpMemory { used: 80, pressure: 200 }));
        assert!(memory.is_some_and(TcpMemory::has_room));
        assert_eq!(TcpMemory::parse("sockets: used 9\n", "10 200 300"), None);
        assert_eq!(TcpMemory::parse(used, ""), None);
    }
}
