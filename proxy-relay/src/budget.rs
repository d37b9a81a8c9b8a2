//! The memory that the program may allocate for connections. A Rust program does not survive an allocation that the system
//! refuses, so whatever grows with what peers send asks here first.
//!
//! ```text
//!   0 ───────────── an eighth less ───────── most ──────────── an eighth more ─────── the limit of the system
//!     all is served  large buffers stay small   nothing begins    nothing grows
//! ```
//!
//! Large buffers come first: clients that fill them leave room for others, whose messages are short.

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

/// The capacity of a buffer up to which it is small, in bytes: most messages fit into one.
pub const SMALL: usize = 4096;

/// The most bytes of one read into a buffer while memory is scarce.
const SCARCE: usize = 512;

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

    /// Returns whether no buffer may become large: what is read before it is needed stays in the system's buffers.
    #[inline]
    pub fn is_scarce(self) -> bool {
        self.0.is_some_and(|limit| (limit.allocated)() > limit.most - limit.most / 8)
    }

    /// Returns whether nothing may be begun that takes memory.
    #[inline]
    pub fn is_tight(self) -> bool {
        self.0.is_some_and(|limit| (limit.allocated)() > limit.most)
    }

    /// Returns whether nothing may grow: more memory was taken although nothing begins.
    #[inline]
    pub fn is_spent(self) -> bool {
        self.0.is_some_and(|limit| (limit.allocated)() > limit.most + limit.most / 8)
    }

    /// Asks for a buffer of this capacity.
    ///
    /// # Errors
    /// Returns an error if there is no memory for it.
    #[inline]
    pub fn ask(self, capacity: usize) -> Result<(), NoMemory> {
        let is_refused = if capacity > SMALL { self.is_scarce() } else { self.is_spent() };
        if is_refused { Err(NoMemory) } else { Ok(()) }
    }

    /// Asks for memory for bytes that a peer cannot keep any more, since they were read or are in a pipe. They are few:
    /// while memory is scarce no more is read than fits into a small buffer.
    ///
    /// # Errors
    /// Returns an error if nothing may grow.
    #[inline]
    pub fn hold(self) -> Result<(), NoMemory> {
        if self.is_spent() { Err(NoMemory) } else { Ok(()) }
    }

    /// Returns how many more bytes to read into a buffer now: while memory is scarce a few at a time, so that what follows
    /// a short message stays in the system's buffer, until it or a small one is full. One more than that shows that there
    /// are more, and is refused.
    #[inline]
    pub fn room(self, buffer: &Vec<u8>) -> usize {
        if self.is_scarce() {
            (buffer.capacity().max(SMALL) - buffer.len()).clamp(1, SCARCE)
        } else {
            usize::MAX
        }
    }

    /// Returns the capacity to which a buffer grows for this number of further bytes: by `step` bytes if that is more, but
    /// one that suffices if it is small stays small.
    #[inline]
    pub fn grown(buffer: &[u8], more: usize, step: usize) -> usize {
        let (least, most) = (buffer.len() + more, buffer.len() + more.max(step));
        if least <= SMALL { most.min(SMALL) } else { most }
    }

    /// Appends bytes to a buffer. One that is too small grows to their length, or by `step` bytes if that is more.
    ///
    /// # Errors
    /// Returns an error if the buffer would have to grow and there is no memory for that.
    #[inline]
    pub fn append(self, buffer: &mut Vec<u8>, bytes: &[u8], step: usize) -> Result<(), NoMemory> {
        if buffer.capacity() - buffer.len() < bytes.len() {
            let capacity = Budget::grown(buffer, bytes.len(), step);
            self.ask(capacity)?;
            buffer.reserve_exact(capacity - buffer.len());
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
    fn large_buffers_are_refused_first_and_small_ones_last() {
        let allocated: [fn() -> usize; 6] = [|| 700, || 701, || 800, || 801, || 900, || 901];
        let states = allocated.map(|allocated| {
            let budget = Budget::new(Some(MemoryLimit { most: 800, allocated }));
            (budget.ask(SMALL + 1).is_ok(), !budget.is_tight(), budget.ask(SMALL).is_ok())
        });
        let (all, short, running, none) =
            ((true, true, true), (false, true, true), (false, false, true), (false, false, false));
        assert_eq!(states, [all, short, short, running, running, none]);
        let without = Budget::default();
        assert!(!without.is_scarce() && !without.is_tight() && !without.is_spent());
        assert_eq!(without.ask(usize::MAX), Ok(()));
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

    #[test]
    fn while_memory_is_scarce_a_small_buffer_is_filled_whatever_the_step() {
        let scarce = Budget::new(Some(MemoryLimit { most: 800, allocated: || 750 }));
        let mut buffer = vec![0; SMALL - 10];
        assert_eq!(scarce.room(&buffer), 10);
        assert_eq!(scarce.append(&mut buffer, &[1; 9], 512), Ok(()));
        assert_eq!((buffer.capacity(), scarce.room(&buffer)), (SMALL, 1));
        assert_eq!(scarce.append(&mut buffer, &[1; 2], 512), Err(NoMemory));
        let mut large = Vec::with_capacity(3 * SMALL);
        assert_eq!(scarce.room(&large), SCARCE);
        large.resize(3 * SMALL - 7, 0);
        assert_eq!(scarce.room(&large), 7, "it has its memory");
        assert_eq!(Budget::default().room(&buffer), usize::MAX);
        assert_eq!(scarce.hold(), Ok(()));
        let spent = Budget::new(Some(MemoryLimit { most: 800, allocated: || 901 }));
        assert_eq!(spent.hold(), Err(NoMemory));
    }
}
