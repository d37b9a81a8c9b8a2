//! How much memory the program has allocated: what a limit on it (`-m`) has to be compared with before the system refuses
//! more, which a Rust program does not survive.
//!
//! The system can only tell what the process has mapped, which stays large after an attack although most of it is free
//! again.
#![allow(unsafe_code, reason = "an allocator is an unsafe trait; all calls are passed on to the system's")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};

/// Threads count on cache lines of their own, as long as there are not more than these.
const SHARDS: usize = 16;

/// Bytes allocated less bytes freed by some of the threads.
#[repr(align(128))]
struct Shard(AtomicIsize);

static SHARD: [Shard; SHARDS] = [const { Shard(AtomicIsize::new(0)) }; SHARDS];
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OWN: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The system's allocator, counted.
struct Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// Bytes that are allocated now. Concurrent changes may be missed.
pub(crate) fn allocated() -> usize {
    let sum: isize = SHARD.iter().map(|shard| shard.0.load(Relaxed)).sum();
    usize::try_from(sum).unwrap_or(0)
}

fn count(by: isize) {
    // A thread that ends has no number any more.
    let own = OWN.try_with(|own| {
        if own.get() == usize::MAX {
            own.set(NEXT.fetch_add(1, Relaxed) % SHARDS);
        }
        own.get()
    });
    SHARD[own.unwrap_or(0)].0.fetch_add(by, Relaxed);
}

// SAFETY: each call is the system allocator's, with the same arguments and the same result.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size.cast_signed() - layout.size().cast_signed());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_freed_is_no_longer_counted() {
        const LARGE: usize = 256 << 20;
        let before = allocated();
        // Other tests allocate beside this one, much less.
        let large: Vec<u8> = Vec::with_capacity(LARGE);
        assert!(allocated() > before + LARGE / 2);
        drop(large);
        assert!(allocated() < before + LARGE / 2);
    }
}
