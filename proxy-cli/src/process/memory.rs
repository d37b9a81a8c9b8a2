//! `-m`: how much memory the process may have, and what follows from it: how many connections there may be, and when no
//! more is taken.

use std::fmt;
use std::io;

use super::{heap, sys};

/// What the connections may have of a limit on memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryShare {
    /// Bytes that may be allocated before nothing more is begun.
    pub(crate) most: usize,
    /// Connections that fit.
    pub(crate) connections: usize,
    /// Bytes set aside for the moment in which the system refuses more.
    reserve: usize,
}

/// What the process has before it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Bytes that the system compares with the limit.
    data: u64,
    /// Bytes allocated.
    allocated: usize,
}

/// A limit under which the program cannot serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLow {
    /// Megabytes that it needs.
    needed: u64,
    workers: usize,
}

/// The part of a limit that the stack of a thread takes, in bytes.
const STACK: u64 = 2 << 20;
/// What a worker needs besides its stack and its connections, in bytes: its runtime, buffers for relays and rules.
const WORKER: u64 = 512 << 10;
/// The number of threads besides the workers.
const OTHER_THREADS: u64 = 2;
/// The part of the remainder that may be allocated: the allocator fragments, and running work still allocates for a moment
/// after new work is refused.
const USABLE: (u64, u64) = (3, 4);
/// The part of the remainder that is set aside.
const RESERVE: u64 = 16;
/// The memory of a connection besides two buffers, in bytes.
const CONNECTION: u64 = 4 << 10;
/// A limit under which fewer connections fit is refused.
const FEWEST: u64 = 16;
/// With this much memory for each worker, in bytes, workers need not reuse the memory that others have freed.
const PLENTY: u64 = 1 << 30;

impl Taken {
    /// Asks the system and the allocator.
    ///
    /// # Errors
    /// Returns the error of reading `/proc`.
    pub(crate) fn now() -> io::Result<Taken> {
        Ok(Taken { data: sys::data_size()?, allocated: heap::allocated() })
    }
}

impl MemoryShare {
    /// Divides a limit in bytes, for this number of workers and buffers of this size.
    ///
    /// # Errors
    /// Returns an error if there is too little to serve anybody.
    pub(crate) fn of(limit: u64, taken: Taken, workers: usize, buffer: usize) -> Result<MemoryShare, TooLow> {
        let threads = (workers as u64).saturating_mul(STACK + WORKER) + OTHER_THREADS * STACK;
        let fixed = taken.data.saturating_add(threads);
        let cost = CONNECTION + 2 * buffer as u64;
        let usable = limit.saturating_sub(fixed) / USABLE.1 * USABLE.0;
        let connections = usable / cost;
        if connections < FEWEST {
            let needed = fixed.saturating_add(FEWEST * cost / USABLE.0 * USABLE.1 + USABLE.1);
            return Err(TooLow { needed: needed.div_ceil(1 << 20), workers });
        }
        let number = |value| usize::try_from(value).unwrap_or(usize::MAX);
        Ok(MemoryShare {
            most: taken.allocated.saturating_add(number(usable)),
            connections: number(connections),
            reserve: number(limit.saturating_sub(fixed) / RESERVE),
        })
    }

    /// Limits the data of the process, as HAProxy does (`RLIMIT_DATA`): allocations above the limit fail. To be called
    /// before there are threads.
    ///
    /// # Errors
    /// Returns the system's error if the limit would be raised above what is allowed.
    pub(crate) fn enforce(self, limit: u64, workers: usize) -> io::Result<()> {
        sys::set_data_limit(limit)?;
        if limit / (workers as u64).max(1) < PLENTY {
            // What one worker has freed, another must be able to use.
            sys::share_freed_memory();
        }
        // Connections are ended from here on.
        heap::hold_reserve(self.reserve, self.most.saturating_add(self.most / 8))
    }
}

impl fmt::Display for TooLow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooLow { needed, workers } = self;
        let threads = if *workers == 1 { "1 thread" } else { &format!("{workers} threads") };
        write!(
            f,
            "the limit on memory is too low: with {threads} at least {needed} megabytes are needed ('-m {needed}')"
        )
    }
}

impl std::error::Error for TooLow {}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKEN: Taken = Taken { data: 3 << 20, allocated: 1 << 20 };
    const BUFFER: usize = 16 << 10;

    #[test]
    fn connections_get_what_is_left() {
        // 60 MB without 3 that are taken, 2 workers of 2.5, and 2 other threads of 2.
        let share = MemoryShare::of(60 << 20, TAKEN, 2, BUFFER);
        assert_eq!(share, Ok(MemoryShare { most: 37 << 20, connections: 1024, reserve: 3 << 20 }));
    }

    #[test]
    fn a_limit_that_is_too_low_says_what_is_needed() {
        let low = MemoryShare::of(1, TAKEN, 2, BUFFER).unwrap_err();
        assert_eq!(low, TooLow { needed: 13, workers: 2 });
        assert!(MemoryShare::of(12 << 20, TAKEN, 2, BUFFER).is_err());
        let enough = MemoryShare::of(13 << 20, TAKEN, 2, BUFFER).unwrap();
        assert!(enough.connections >= 16, "{enough:?}");
        assert_eq!(
            low.to_string(),
            "the limit on memory is too low: with 2 threads at least 13 megabytes are needed ('-m 13')"
        );
    }
}
