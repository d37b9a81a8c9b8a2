//! A client's connection that is kept alive allocates no memory, however many requests arrive, nor does the worker for
//! them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/counting.rs"]
mod counting;
#[path = "common/http.rs"]
mod http;

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use proxy_engine::policy::HttpPolicy;

const REQUEST: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nAccept: */*\r\n\r\n";
const POST: &[u8] = b"POST /b HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc";
const CHUNKED: &[u8] =
    b"POST /c HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Typical rules of a site, all of which run on each request.
const RULES: &str = "
  acl here path_beg /a /b /c
  acl host hdr(host) -i a b
  http-request deny if !here
  http-request set-var(txn.path) path
  http-request set-header x-path %HM-%[path] if host
  http-request del-header user-agent
  http-response set-header x-path %[var(txn.path)] if { status 200 }
  http-after-response set-header x-served-by braid
  option forwardfor";

/// Makes the HTTP policy of a `listen` section with these lines, as far as it is used here.
fn http(lines: &str) -> HttpPolicy {
    let values = http::values(lines);
    let (rules, forward_for) = (values.get_or_default(), values.get().cloned());
    HttpPolicy { rules, forward_for, ..HttpPolicy::default() }
}

fn ask(stream: &mut TcpStream, request: &[u8], marks: usize) {
    stream.write_all(request).unwrap();
    let mut response = [0; 256];
    let mut length = 0;
    while !response[..length].ends_with(b"\r\n\r\nok") {
        let n = stream.read(&mut response[length..]).unwrap();
        assert!(n > 0, "the connection ended");
        length += n;
    }
    let marked = response[..length].windows(2).filter(|pair| pair == b"x-").count();
    assert_eq!(marked, marks, "{}", String::from_utf8_lossy(&response[..length]));
}

/// Returns the number of allocations of the worker, for the first round of requests and for a thousand later rounds. A
/// response has `marks` fields added by rules.
fn asked(lines: &str, marks: usize) -> (usize, usize) {
    let (_engine, address) = http::start(http(lines), 100, RESPONSE, |_| true);
    let mut client = TcpStream::connect(address).unwrap();
    let requests = [REQUEST, POST, CHUNKED];
    let mut rounds = |count: usize| {
        let before = counting::asked();
        for _ in 0..count {
            requests.iter().for_each(|request| ask(&mut client, request, marks));
        }
        counting::asked() - before
    };
    let first = rounds(1);
    rounds(100);
    (first, rounds(1000))
}

#[test]
fn a_kept_connection_asks_for_no_memory() {
    for (lines, marks) in [("", 0), (RULES, 2)] {
        let (first, later) = asked(lines, marks);
        assert!(first > 0, "counting counts");
        assert_eq!(later, 0, "{lines}");
    }
}
