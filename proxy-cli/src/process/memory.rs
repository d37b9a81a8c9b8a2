//! `-m`: how much memory the process may have, and what follows from it: how many connections there may be, and when no
//! more is taken.

use std::io;

use super::sys;

/// Limits the data of the process, as HAProxy does (`RLIMIT_DATA`): allocations above the limit fail.
///
/// # Errors
/// Returns the system's error if the limit would be raised above what is allowed.
pub(crate) fn limit_memory(bytes: u64) -> io::Result<()> {
    sys::set_data_limit(bytes)
}

/// What the connections may have of a limit on memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryShare {
    /// Bytes that may be allocated before more is refused.
    pub(crate) most: usize,
    /// Connections that fit.
    pub(crate) connections: usize,
}

/// The part of a limit that the stack of a thread takes, in bytes.
const STACK: u64 = 2 << 20;
/// The number of threads besides the workers.
const OTHER_THREADS: u64 = 2;
/// The part of the remainder that may be allocated: the allocator fragments, and running work still allocates for a moment
/// after new work is refused.
const USABLE: (u64, u64) = (3, 4);
/// The part of the limit that HAProxy uses for connections.
const FOR_CONNECTIONS: (u64, u64) = (97, 100);
/// The memory of a connection besides two buffers, in bytes.
const CONNECTION: u64 = 4 << 10;

impl MemoryShare {
    /// Divides a limit in bytes, for this number of workers and buffers of this size.
    pub(crate) fn of(limit: u64, workers: usize, buffer: usize) -> MemoryShare {
        let stacks = STACK.saturating_mul(workers as u64 + OTHER_THREADS);
        let most = limit.saturating_sub(stacks) / USABLE.1 * USABLE.0;
        let cost = CONNECTION + 2 * buffer as u64;
        let connections = (limit / FOR_CONNECTIONS.1 * FOR_CONNECTIONS.0 / cost).max(1);
        let number = |value| usize::try_from(value).unwrap_or(usize::MAX);
        MemoryShare { most: number(most), connections: number(connections) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_below_its_limit() {
        let share = MemoryShare::of(60 << 20, 2, 16 << 10);
        assert_eq!(share, MemoryShare { most: 39 << 20, connections: 1655 });
        assert_eq!(MemoryShare::of(1, 2, 16 << 10), MemoryShare { most: 0, connections: 1 });
    }
}
