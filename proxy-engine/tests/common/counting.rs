//! Counts the allocations of watched threads, and the bytes that they hold.
#![allow(dead_code, reason = "each test counts one of the two")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

static ASKED: AtomicUsize = AtomicUsize::new(0);
static HELD: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
}

/// Counts the allocations of this thread from now on.
pub(crate) fn watch() {
    IS_WATCHED.set(true);
}

/// Returns the number of allocations so far.
pub(crate) fn asked() -> usize {
    ASKED.load(Ordering::SeqCst)
}

/// Returns the number of bytes that the watched threads have allocated and not freed.
pub(crate) fn held() -> usize {
    HELD.load(Ordering::SeqCst).max(0).cast_unsigned()
}

struct Counting;

fn is_watched() -> bool {
    IS_WATCHED.try_with(Cell::get).unwrap_or(false)
}

/// Counts an allocation, and the bytes by which it grows what is held.
fn count(more: isize) {
    if is_watched() {
        ASKED.fetch_add(1, Ordering::SeqCst);
        HELD.fetch_add(more, Ordering::SeqCst);
    }
}

#[expect(unsafe_code, reason = "an allocator is written so")]
// SAFETY: every call is forwarded unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: the caller keeps the contract of `GlobalAlloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if is_watched() {
            HELD.fetch_sub(layout.size().cast_signed(), Ordering::SeqCst);
        }
        // SAFETY: the caller keeps the contract of `GlobalAlloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.cast_signed() - layout.size().cast_signed());
        // SAFETY: the caller keeps the contract of `GlobalAlloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
