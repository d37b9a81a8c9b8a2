//! The memory that the program may allocate for connections. A Rust program does not survive an allocation that the system
//! refuses, so whatever grows with what peers send asks here first.
//!
//! ```text
//!   0 ───────────────────────── most ────────────── an eighth more ──────────── the limit of the system
//!     all is served              nothing begins      nothing grows
//! ```

use std::fmt;
use std::io;

/// A limit on what the program allocates.
#[derive(Clone, Copy, Debug)]
pub struct MemoryLimit {
    /// Bytes. While more are allocated, nothing new is begun.
    pub most: usize,
    /// Returns how many are allocated. Called for each connection and request, and when a buffer grows.
    pub allocated: fn() -> usize,
}

/// The memory for connections: without a limit, or with one that all workers share.
#[derive(Clone, Copy, Debug, Default)]
pub struct Budget(Option<MemoryLimit>);

/// A buffer could not grow: the limit on memory is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

impl Budget {
    /// Creates a budget with a limit, if there is one.
    pub fn new(limit: Option<MemoryLimit>) -> Budget {
        Budget(limit)
    }

    /// Returns whether nothing may be begun that takes memory.
    pub fn is_tight(self) -> bool {
        self.0.is_some_and(|limit| (limit.allocated)() > limit.most)
    }

    /// Returns whether nothing may grow: more memory was taken although nothing begins.
    pub fn is_spent(self) -> bool {
        self.0.is_some_and(|limit| (limit.allocated)() > limit.most + limit.most / 8)
    }

    /// Fails if nothing may grow.
    ///
    /// # Errors
    /// Returns an error while the budget is spent.
    pub fn check(self) -> Result<(), NoMemory> {
        if self.is_spent() { Err(NoMemory) } else { Ok(()) }
    }

    /// Appends bytes to a buffer. One that is too small grows to their length, or by `step` bytes if that is more.
    ///
    /// # Errors
    /// Returns an error if the buffer would have to grow while the budget is spent.
    pub fn append(self, buffer: &mut Vec<u8>, bytes: &[u8], step: usize) -> Result<(), NoMemory> {
        if buffer.capacity() - buffer.len() < bytes.len() {
            self.check()?;
            buffer.reserve_exact(bytes.len().max(step));
        }
        buffer.extend_from_slice(bytes);
        Ok(())
    }
}

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the limit on memory is reached")
    }
}

impl std::error::Error for NoMemory {}

impl From<NoMemory> for io::Error {
    /// Allocates nothing.
    fn from(_: NoMemory) -> io::Error {
        io::ErrorKind::OutOfMemory.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_nothing_begins_and_then_nothing_grows() {
        let states = [800_usize, 801, 900, 901].map(|allocated| {
            let allocated: fn() -> usize = match allocated {
                800 => || 800,
                801 => || 801,
                900 => || 900,
                _ => || 901,
            };
            let budget = Budget::new(Some(MemoryLimit { most: 800, allocated }));
            (budget.is_tight(), budget.is_spent())
        });
        assert_eq!(states, [(false, false), (true, false), (true, false), (true, true)]);
        assert!(!Budget::default().is_tight() && !Budget::default().is_spent());
    }

    #[test]
    fn a_buffer_is_filled_but_does_not_grow_without_memory() {
        let budget = Budget::new(Some(MemoryLimit { most: 0, allocated: || 1 }));
        let mut buffer = Vec::with_capacity(4);
        assert_eq!(budget.append(&mut buffer, b"four", 1), Ok(()));
        assert_eq!(budget.append(&mut buffer, b"5", 1), Err(NoMemory));
        assert_eq!(buffer, b"four");
        assert_eq!(Budget::default().append(&mut buffer, b"5", 12), Ok(()));
        assert_eq!((&*buffer, buffer.capacity()), (&b"four5"[..], 16));
    }
}
