//! Large configurations: the memory for reading one grows linearly with the number of its lines.
//!
//! The test compares allocated bytes: unlike time, they are the same in every run, and they reveal a list that is
//! copied for each line that adds to it.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use proto_tcp as _;
use proxy_config::endpoint::Servers;
use proxy_config::{Configuration, testing};

/// The bytes that have been allocated in total.
static ASKED: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: all calls are passed on to the system's allocator, whose contract is the same.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller has promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller has promised; it came from there.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Returns a configuration with `backends` backends of `servers` servers each.
fn text(backends: usize, servers: usize) -> String {
    let mut text = "defaults\n    mode tcp\n    default-server mss 1400\n".to_owned();
    for backend in 0..backends {
        writeln!(text, "backend b{backend}").unwrap();
        for server in 0..servers {
            let (high, low) = (server / 250, server % 250 + 1);
            writeln!(text, "    server s{server} 192.0.{high}.{low}:80 mss 1300").unwrap();
        }
    }
    text
}

/// Reads a text; returns the configuration and the bytes that were allocated meanwhile.
fn read(text: String) -> (Configuration, usize) {
    let before = ASKED.load(Ordering::Relaxed);
    let reading = testing::read(text);
    let asked = ASKED.load(Ordering::Relaxed) - before;
    assert_eq!(reading.diagnostics, []);
    (reading.configuration, asked)
}

/// A single test, since the allocations of tests that run at the same time could not be distinguished.
#[test]
fn twenty_thousand_servers_take_twice_what_ten_thousand_take() {
    // Only the first call gathers the language.
    testing::read("");
    // The small one comes first, so that reading that is not linear fails before it takes minutes.
    for (backends, servers) in [(1, 500), (1, 10_000), (1_000, 10)] {
        let (_, half) = read(text(backends, servers));
        // Once with larger sections, once with more of them.
        let (backends, servers) = if backends == 1 { (1, 2 * servers) } else { (2 * backends, servers) };
        let (configuration, whole) = read(text(backends, servers));
        assert_eq!(configuration.proxies.len(), backends);
        let Servers(last) = configuration.proxies[backends - 1].get().unwrap();
        assert_eq!(last.len(), servers);
        // A list that doubles its capacity when it is full may have done so once more.
        assert!(whole < half * 5 / 2, "{backends} backends of {servers} servers: {half} bytes, then {whole}");
    }
}
