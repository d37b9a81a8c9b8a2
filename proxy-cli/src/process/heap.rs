//! How much memory the program has allocated: what a limit on it (`-m`) has to be compared with before the system refuses
//! more, which a Rust program does not survive.
//!
//! The system can only tell what the process has mapped, which stays large after an attack although most of it is free
//! again.
#![allow(unsafe_code, reason = "an allocator is an unsafe trait; its calls are passed on to the system's")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};

use super::reserve::Reserve;
use super::spare;

/// The first threads count on cache lines of their own, without atomic additions, which would be a good part of the cost
/// of a small block.
const OWN_SHARDS: usize = 32;
/// The others share some.
const SHARDS: usize = 64;

/// Bytes allocated less bytes freed by some of the threads.
#[repr(align(128))]
struct Shard(AtomicIsize);

static SHARD: [Shard; SHARDS] = [const { Shard(AtomicIsize::new(0)) }; SHARDS];
static NEXT: AtomicUsize = AtomicUsize::new(0);
static RESERVE: Reserve = Reserve::none();

thread_local! {
    static OWN: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The system's allocator, counted. Blocks of large alignment are kept for a while ([`spare`]); they count as freed.
struct Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// Bytes that are allocated now, with those that the system has refused. Concurrent changes may be missed.
pub(crate) fn allocated() -> usize {
    let sum = counted();
    sum.saturating_add(RESERVE.missing(sum))
}

/// Sets this number of bytes aside for the moment in which the system refuses more. Connections are ended while more than
/// `ceiling` are allocated.
pub(super) fn hold_reserve(length: usize, ceiling: usize) -> io::Result<()> {
    RESERVE.hold(length, ceiling)
}

fn counted() -> usize {
    let threads = NEXT.load(Relaxed);
    let own = &SHARD[..threads.min(OWN_SHARDS)];
    // The first of the shared ones is also that of threads that end.
    let shared = if threads > OWN_SHARDS { &SHARD[OWN_SHARDS..] } else { &SHARD[OWN_SHARDS..=OWN_SHARDS] };
    let sum: isize = own.iter().chain(shared).map(|Shard(count)| count.load(Relaxed)).sum();
    usize::try_from(sum).unwrap_or(0)
}

fn count(by: isize) {
    // A thread that ends has no number any more.
    let own = OWN.try_with(|own| {
        if own.get() == usize::MAX {
            own.set(NEXT.fetch_add(1, Relaxed));
        }
        own.get()
    });
    match own {
        Ok(own) if own < OWN_SHARDS => {
            let Shard(count) = &SHARD[own];
            count.store(count.load(Relaxed).wrapping_add(by), Relaxed);
        }
        own => {
            let shared = OWN_SHARDS + own.unwrap_or(0) % (SHARDS - OWN_SHARDS);
            SHARD[shared].0.fetch_add(by, Relaxed);
        }
    }
}

/// Returns a block, or what another attempt gives if the system has refused it: what is set aside is given up for that.
#[inline(always)]
fn or_again(block: *mut u8, again: impl FnOnce() -> *mut u8) -> *mut u8 {
    if block.is_null() { give_way(again) } else { block }
}

#[cold]
#[inline(never)]
fn give_way(again: impl FnOnce() -> *mut u8) -> *mut u8 {
    RESERVE.release(counted());
    again()
}

// SAFETY: each call is the system allocator's, with the same arguments and the same result, except for blocks that were
// kept: those were allocated with the same layout.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        let kept = spare::take(layout);
        if !kept.is_null() {
            return kept;
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { or_again(System.alloc(layout), || System.alloc(layout)) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: the caller's promise is passed on; all blocks are the system allocator's.
        unsafe {
            if !spare::keep(ptr, layout) {
                System.dealloc(ptr, layout);
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: the caller's promise is passed on.
        unsafe { or_again(System.alloc_zeroed(layout), || System.alloc_zeroed(layout)) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size.cast_signed() - layout.size().cast_signed());
        // SAFETY: the caller's promise is passed on.
        unsafe { or_again(System.realloc(ptr, layout, new_size), || System.realloc(ptr, layout, new_size)) }
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

    #[test]
    fn blocks_of_large_alignment_are_used_again() {
        #[repr(align(128))]
        struct Aligned([u8; 5 * 128]);

        let addresses = |blocks: &[Box<Aligned>]| {
            let mut addresses: Vec<_> = blocks.iter().map(|block| &raw const **block as usize).collect();
            addresses.sort_unstable();
            addresses
        };
        let some = |byte| (0..20).map(|_| Box::new(Aligned([byte; 5 * 128]))).collect::<Vec<_>>();
        let first = some(1);
        let known = addresses(&first);
        drop(first);
        let second = some(2);
        assert_eq!(addresses(&second), known);
        assert!(known.iter().all(|address| address % 128 == 0));
        assert!(second.iter().all(|block| block.0.iter().all(|byte| *byte == 2)));
        // More than a thread keeps.
        drop((0..10).map(|_| some(3)).collect::<Vec<_>>());
        // Of another thread, which ends with them.
        let others = std::thread::spawn(move || some(4)).join().unwrap();
        assert!(others.iter().all(|block| block.0.iter().all(|byte| *byte == 4)));
        std::thread::spawn(move || drop((second, others))).join().unwrap();
    }
}
