//! Memory that is set aside while the process has a limit (`-m`), for the moment in which the system refuses more: a Rust
//! program does not survive that. What connections take is bounded by a count of what is allocated, but the system
//! compares what is mapped, of which a part may be lost between blocks.
//!
//! ```text
//!        hold              the system refuses an allocation: the reserve is unmapped, and the allocation succeeds
//!  none ──────► held ───────────────────────────────────────────────────────────────────────────────────────────► lost
//!                 ▲                                                                                                │
//!                 └─────────────── enough has been freed, and the system maps it again ────────────────────────────┘
//! ```
//!
//! While it is lost, what could not be allocated at that moment counts as allocated, so that the process takes less.

use std::io;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};

use super::sys;

/// The reserve of the process.
pub(super) struct Reserve {
    /// Null unless it is held.
    memory: AtomicPtr<u8>,
    /// Its length in bytes; 0 without a limit.
    length: AtomicUsize,
    /// Bytes allocated above which connections are ended.
    ceiling: AtomicUsize,
    /// Bytes that count as allocated: those that were missing to the ceiling when the reserve was lost. 0 while it is held.
    missing: AtomicUsize,
}

impl Reserve {
    /// Creates a reserve that holds nothing.
    pub(super) const fn none() -> Reserve {
        Reserve {
            memory: AtomicPtr::new(null_mut()),
            length: AtomicUsize::new(0),
            ceiling: AtomicUsize::new(0),
            missing: AtomicUsize::new(0),
        }
    }

    /// Sets this number of bytes aside. With more bytes allocated than the ceiling, connections are ended.
    pub(super) fn hold(&self, length: usize, ceiling: usize) -> io::Result<()> {
        let memory = sys::map(length)?;
        self.length.store(length, SeqCst);
        self.ceiling.store(ceiling, SeqCst);
        self.memory.store(memory, SeqCst);
        Ok(())
    }

    /// Makes room for an allocation that the system has refused while this many bytes were allocated.
    #[cold]
    pub(super) fn release(&self, allocated: usize) {
        let memory = self.memory.swap(null_mut(), SeqCst);
        if !memory.is_null() {
            self.missing.store(self.ceiling.load(SeqCst).saturating_sub(allocated) + 1, SeqCst);
            sys::unmap(memory, self.length.load(SeqCst));
        }
    }

    /// Returns the bytes that count as allocated besides those that are.
    pub(super) fn missing(&self, allocated: usize) -> usize {
        match self.missing.load(SeqCst) {
            0 => 0,
            missing => self.look_again(allocated, missing),
        }
    }

    /// Takes the reserve back once an eighth of the ceiling is free, if the system maps it again.
    #[cold]
    fn look_again(&self, allocated: usize, missing: usize) -> usize {
        let ceiling = self.ceiling.load(SeqCst);
        if allocated.saturating_add(missing) > ceiling / 8 * 7 {
            return missing;
        }
        let Ok(memory) = sys::map(self.length.load(SeqCst)) else { return missing };
        self.missing.store(0, SeqCst);
        // Another thread may have done the same.
        if self.memory.compare_exchange(null_mut(), memory, SeqCst, SeqCst).is_err() {
            sys::unmap(memory, self.length.load(SeqCst));
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_reserve_counts_until_enough_is_free() {
        let reserve = Reserve::none();
        reserve.release(500);
        assert_eq!(reserve.missing(500), 0, "there was none");
        reserve.hold(1 << 20, 800).unwrap();
        assert_eq!(reserve.missing(500), 0);
        reserve.release(500);
        assert_eq!(reserve.missing(500), 301, "all of it is gone");
        reserve.release(700);
        assert_eq!(reserve.missing(400), 301, "it is lost once");
        assert_eq!(reserve.missing(399), 0, "an eighth is free: it is held again");
        reserve.release(900);
        assert_eq!(reserve.missing(700), 1, "the ceiling was passed before");
        assert_eq!(reserve.missing(0), 0);
        let memory = reserve.memory.swap(null_mut(), SeqCst);
        sys::unmap(memory, 1 << 20);
    }
}
