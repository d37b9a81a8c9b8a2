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
//! On both ways it is busy: other threads whose allocations fail wait for the end of that, and only then try again.
//!
//! While it is lost, what could not be allocated at that moment counts as allocated, so that the process takes less.

use std::io;
use std::ptr::{null_mut, without_provenance_mut};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};
use std::thread;

use super::sys;

/// Instead of the memory: a thread maps or unmaps it now.
const BUSY: *mut u8 = without_provenance_mut(1);

/// The reserve of the process.
pub(super) struct Reserve {
    /// Null if it is lost or there is none; [`BUSY`] between.
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
        loop {
            let memory = self.memory.load(SeqCst);
            if memory.is_null() {
                return;
            }
            if memory == BUSY {
                // A system call of another thread is under way, which allocates nothing.
                thread::yield_now();
            } else if self.memory.compare_exchange(memory, BUSY, SeqCst, SeqCst).is_ok() {
                self.missing.store(self.ceiling.load(SeqCst).saturating_sub(allocated) + 1, SeqCst);
                sys::unmap(memory, self.length.load(SeqCst));
                self.memory.store(null_mut(), SeqCst);
                return;
            }
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
        if self.memory.compare_exchange(null_mut(), BUSY, SeqCst, SeqCst).is_err() {
            // Another thread does the same, or releases it.
            return missing;
        }
        let mapped = sys::map(self.length.load(SeqCst));
        if mapped.is_ok() {
            self.missing.store(0, SeqCst);
        }
        self.memory.store(mapped.unwrap_or(null_mut()), SeqCst);
        self.missing.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

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

    #[test]
    fn a_thread_tries_again_only_after_another_one_has_unmapped_the_reserve() {
        const THREADS: usize = 4;
        const ROUNDS: usize = 200;
        const LENGTH: usize = 1 << 20;
        let (reserve, barrier, early) = (Reserve::none(), Barrier::new(THREADS), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        if barrier.wait().is_leader() {
                            reserve.hold(LENGTH, 800).unwrap();
                        }
                        barrier.wait();
                        reserve.release(500);
                        // Asserting here would leave the others waiting.
                        early.fetch_add(usize::from(!reserve.memory.load(SeqCst).is_null()), SeqCst);
                        barrier.wait();
                        reserve.missing(0);
                        barrier.wait();
                        early.fetch_add(reserve.missing(0), SeqCst);
                        barrier.wait();
                        reserve.release(500);
                    }
                });
            }
        });
        assert_eq!(early.load(SeqCst), 0);
    }
}
