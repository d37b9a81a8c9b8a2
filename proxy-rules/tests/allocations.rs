//! Rules as used by typical sites do not allocate once the memory of a connection has grown to what it needs; neither
//! do log lines.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use common::record::Told;
use common::{Client, request, rules, section};
use proxy_rules::log::LogPolicy;
use proxy_rules::{Context, HookPoint, Variables, Verdict};

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is forwarded unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are the same as those that the system's allocator requires.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn rules_in_use_allocate_nothing() {
    let rules = rules(
        "
  acl api path_beg /api/ /v1/
  acl host hdr(host) -i www.example.com example.com
  acl inside src 10.0.0.0/8 192.0.2.0/24
  acl gif path_reg \\\\.gif$
  http-request deny if api !host
  http-request set-var(txn.host) req.hdr(host),lower if inside
  http-request set-header x-forwarded-for %[src]:%cp
  http-request set-header x-host %[var(txn.host)] if { hdr_cnt(x-list) ge 2 } !gif
  http-request add-header x-path %HM-%[path,field(2,/)] if { query -m found } METH_GET
  http-request del-header cookie",
    );
    let client = Client::default();
    let (mut variables, mut scratch) = (Variables::default(), Vec::new());
    let mut count = |index: usize| {
        let mut request = request("GET /api/x?y|host: www.example.com|x-list: a, b|cookie: none");
        request.fields_mut().set_limit(0);
        // The buffer of the engine has this room.
        for _ in 0..2 {
            request.fields_mut().add(b"filler", &[b'x'; 4096]).unwrap();
            request.fields_mut().remove(b"filler");
        }
        for _ in 0..16 {
            request.fields_mut().add(b"filler", b"").unwrap();
        }
        request.fields_mut().remove(b"filler");
        let mut context = Context::new(&client, &mut variables, &mut scratch).with_request(&mut request);
        let before = COUNT.with(Cell::get);
        let verdict = rules.at(HookPoint::HttpRequest).run(&mut context);
        let allocated = COUNT.with(Cell::get) - before;
        assert!(matches!(verdict, Verdict::Continue), "{verdict:?}");
        variables.end_exchange();
        assert!(request.fields().has(b"x-host") && request.fields().has(b"x-path"), "run {index}");
        allocated
    };
    let first = count(0);
    assert!(first > 0, "the memory of the connection grows once: this test counts");
    assert_eq!((count(1), count(2)), (0, 0));
}

#[test]
fn log_lines_allocate_nothing() {
    let formats = [
        "option httplog",
        "option tcplog",
        "option httplog clf",
        "option tcplog clf",
        "log-format \"%t %T %tr %{+X}ci %{+Q}r %[src] %[int(5)] %[last_rule_line] %{+E}HU %rt %pid\"",
        "log-format \"%{+json}o %(a)ci %(b)r %(c)t %(d)Ta %(e)[src] %(f)s\"",
    ];
    let (client, told) = (Client::default(), Told::default());
    let (mut variables, mut scratch) = (Variables::default(), Vec::new());
    let context = Context::new(&client, &mut variables, &mut scratch).with_record(&told);
    let mut line = Vec::with_capacity(1024);
    for format in formats {
        let policy = LogPolicy::of(&section(&format!("  {format}")).values);
        let format = policy.format.unwrap();
        // The first line of a second calculates the date.
        format.write(&context, &mut line);
        line.clear();
        let before = COUNT.with(Cell::get);
        format.write(&context, &mut line);
        assert_eq!(COUNT.with(Cell::get) - before, 0, "{format:?}");
    }
}
