//! Large configurations: what reading one takes grows as its lines do, and no faster.
//!
//! What is compared is memory that was asked for, in bytes: it is the same in every run, as time is not, and a list that
//! is copied for each line that adds to it shows in it.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use proto_core::Registry;
use proto_core::address::NoEnvironment;
use proto_tcp as _;
use proxy_config::condition::{Facts, Version};
use proxy_config::endpoint::Servers;
use proxy_config::{Configuration, Diagnostics, Language, Reader, Sources, Variables};

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

struct Plain;

impl Facts for Plain {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").unwrap()
    }

    fn feature(&self, _name: &str) -> bool {
        false
    }

    fn enabled(&self, _name: &str) -> bool {
        false
    }

    fn defined(&self, _name: &str) -> bool {
        false
    }
}

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
    let registry = Registry::linked().unwrap();
    let language = Language::linked(&registry).unwrap();
    let variables = Variables::over(&NoEnvironment);
    let reader = Reader {
        language: &language,
        registry: &registry,
        variables: &variables,
        facts: &Plain,
        any_port: false,
    };
    let mut diagnostics = Diagnostics::default();
    let mut sources = Sources::default();
    sources.add("large.cfg", text);
    let before = ASKED.load(Ordering::Relaxed);
    let configuration = reader.read(&sources, &mut diagnostics);
    let asked = ASKED.load(Ordering::Relaxed) - before;
    assert_eq!(diagnostics.sorted(), []);
    (configuration, asked)
}

/// One test, since the bytes of two that run at once could not be told apart.
#[test]
fn twenty_thousand_servers_take_twice_what_ten_thousand_take() {
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
