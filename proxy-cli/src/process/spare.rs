//! Freed blocks of large alignment, kept for the next allocation of the same layout. tokio aligns each task and each
//! socket that it watches to 128 bytes, and the system's allocator takes many times longer for such a block than for
//! another: it looks for a larger one and cuts it on both sides.
#![allow(
    unsafe_code,
    reason = "this is a part of the allocator: blocks of memory are given and taken by address"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;

/// Blocks with more alignment than this are kept: that of `malloc`.
const PLAIN: usize = 16;
/// The shelves of a thread. The size of a block says which one it is on.
const SHELVES: usize = 16;
/// The most bytes on a shelf: enough for those that end and begin between two turns of a busy worker.
const SHELF: usize = 64 * 1024;

/// Free blocks of one layout, each with the address of the next at its beginning.
#[derive(Clone, Copy)]
struct Shelf {
    first: *mut u8,
    size: usize,
    align: usize,
    blocks: usize,
}

/// Those of a thread, which gives them back to the system when it ends.
struct Shelves([Cell<Shelf>; SHELVES]);

thread_local! {
    static OWN: Shelves = const { Shelves([const { Cell::new(Shelf::EMPTY) }; SHELVES]) };
}

impl Shelf {
    const EMPTY: Shelf = Shelf { first: null_mut(), size: 0, align: 0, blocks: 0 };

    fn is_for(&self, layout: Layout) -> bool {
        (self.size, self.align) == (layout.size(), layout.align())
    }

    /// Takes the first block, which there has to be.
    fn pop(&mut self) -> *mut u8 {
        let block = self.first;
        // SAFETY: a block on a shelf belongs to it alone, is aligned to more than an address needs, and has the address
        // of the next at its beginning.
        self.first = unsafe { block.cast::<*mut u8>().read() };
        self.blocks -= 1;
        block
    }
}

impl Shelves {
    fn shelf(&self, layout: Layout) -> &Cell<Shelf> {
        &self.0[layout.size() / layout.align() % SHELVES]
    }
}

impl Drop for Shelves {
    fn drop(&mut self) {
        for shelf in &self.0 {
            let mut shelf = shelf.replace(Shelf::EMPTY);
            while shelf.blocks > 0 {
                let block = shelf.pop();
                // SAFETY: it was allocated by the system's allocator with this layout, which was valid then.
                unsafe {
                    System.dealloc(block, Layout::from_size_align_unchecked(shelf.size, shelf.align));
                }
            }
        }
    }
}

/// Returns a kept block of this layout, or null.
pub(super) fn take(layout: Layout) -> *mut u8 {
    if layout.align() <= PLAIN {
        return null_mut();
    }
    let taken = OWN.try_with(|own| {
        let cell = own.shelf(layout);
        let mut shelf = cell.get();
        if shelf.blocks == 0 || !shelf.is_for(layout) {
            return null_mut();
        }
        let block = shelf.pop();
        cell.set(shelf);
        block
    });
    // A thread that ends has no shelves any more.
    taken.unwrap_or(null_mut())
}

/// Keeps a block that is freed. Returns whether it does; if not, the caller frees it.
///
/// # Safety
/// The block was allocated by the system's allocator with this layout, and nothing uses it any more.
pub(super) unsafe fn keep(block: *mut u8, layout: Layout) -> bool {
    if layout.align() <= PLAIN || layout.size() < size_of::<*mut u8>() {
        return false;
    }
    let kept = OWN.try_with(|own| {
        let cell = own.shelf(layout);
        let mut shelf = cell.get();
        if shelf.blocks == 0 {
            shelf = Shelf { size: layout.size(), align: layout.align(), ..Shelf::EMPTY };
        } else if !shelf.is_for(layout) {
            return false;
        }
        if (shelf.blocks + 1) * shelf.size > SHELF {
            return false;
        }
        // SAFETY: the block is the caller's to give, large enough for an address, and aligned to more than it needs.
        unsafe { block.cast::<*mut u8>().write(shelf.first) };
        shelf.first = block;
        shelf.blocks += 1;
        cell.set(shelf);
        true
    });
    kept.unwrap_or(false)
}
