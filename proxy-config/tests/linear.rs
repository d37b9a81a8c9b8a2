//! Large configurations: what reading one takes grows as its lines do, and no faster.
//!
//! What is compared is memory that was asked for, in bytes: it is the same in every run, as time is not, and a list
//! that is copied for each line that adds to it shows in it.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use proto_tcp as _;
use proxy_config::endpoint::Servers;
use proxy_config::{Configuration, testing};

/// All bytes that were ever asked for.
static ASKED: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: all is passed on to the system's allocator, whose contract is the same.
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

/// So many backends with so many servers each.
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

/// Reads a text; gives it with the bytes that were asked for meanwhile.
fn read(text: String) -> (Configuration, usize) {
    let before = ASKED.load(Ordering::Relaxed);
    let reading = testing::read(text);
    let asked = ASKED.load(Ordering::Relaxed) - before;
    assert_eq!(reading.diagnostics, []);
    (reading.configuration, asked)
}

/// One test, since the bytes of two that run at once could not be told apart.
#[test]
fn twenty_thousand_servers_take_twice_what_ten_thousand_take() {
    // The language is gathered by the first reading, and only by that.
    testing::read("");
    // The small one comes first, so that what is not linear fails before it takes minutes.
    for (backends, servers) in [(1, 500), (1, 10_000), (1_000, 10)] {
        let (_, half) = read(text(backends, servers));
        // Once with larger sections, once with more of them.
        let (backends, servers) = if backends == 1 { (1, 2 * servers) } else { (2 * backends, servers) };
        let (configuration, whole) = read(text(backends, servers));
        assert_eq!(configuration.proxies.len(), backends);
        let Servers(last) = configuration.proxies[backends - 1].get().unwrap();
        assert_eq!(last.len(), servers);
        // A list that doubles when it is full may have done so once more.
        assert!(whole < half * 5 / 2, "{backends} backends of {servers} servers: {half} bytes, then {whole}");
    }
}
