//! What a client of HTTP costs the worker in memory while it is idle, held, or slow: the limits are about a third above
//! what it is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/counting.rs"]
mod counting;
#[path = "common/http.rs"]
mod http;

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use proxy_engine::policy::{HttpPolicy, HttpTimeouts};

/// Enough for what all share not to count.
const CLIENTS: usize = 60;
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn http() -> HttpPolicy {
    let rules = http::values("http-request tarpit if { path /tarpit }").get_or_default();
    let timeouts = HttpTimeouts { tarpit: Some(Duration::from_secs(60)), ..HttpTimeouts::default() };
    HttpPolicy { rules, timeouts, ..HttpPolicy::default() }
}

/// A client that has sent this. Returns it with its answer, if it waits for one.
fn client(address: SocketAddr, request: &[u8], is_answered: bool) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    if is_answered {
        let mut response = vec![0; RESPONSE.len()];
        stream.read_exact(&mut response).unwrap();
        assert_eq!(response, RESPONSE);
    }
    stream
}

/// The bytes that each client costs which has sent this. Each case has a worker of its own, which has no unused memory of
/// the one before.
fn cost(request: &[u8]) -> usize {
    // The server is silent about everything but GET.
    let (_engine, address) =
        http::start(http(), 10 * CLIENTS, RESPONSE, |request| request.starts_with(b"GET"));
    let mut clients = Vec::new();
    let mut held = [0; 2];
    // The first ones pay for what all share.
    for held in &mut held {
        clients.extend((0..CLIENTS).map(|_| client(address, request, request == GET)));
        // The worker reads connections in the order in which their bytes arrived.
        for _ in 0..3 {
            client(address, GET, true);
        }
        *held = counting::held();
    }
    held[1].saturating_sub(held[0]) / CLIENTS
}

#[test]
fn a_client_costs_little() {
    let fields = format!("x-field: {}\r\n", "v".repeat(184)).repeat(70);
    let tarpit = format!("GET /tarpit HTTP/1.1\r\nhost: a\r\n{fields}\r\n");
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\n{fields}");
    let pipelined = format!("GET /tarpit HTTP/1.1\r\nhost: a\r\n\r\n{head}");
    let body = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n{}", "b".repeat(100));
    let chunked = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n";
    let trailers = format!("{chunked}{fields}");
    let cases: [(&str, &[u8], usize); 7] = [
        ("idle, after a request", GET, 2600),
        ("idle, nothing sent", b"", 2600),
        ("held in a tarpit", tarpit.as_bytes(), 5200),
        ("held in a tarpit, more sent", pipelined.as_bytes(), 5200 + 16_000),
        ("slow head", head.as_bytes(), 4000 + 18_000),
        ("slow body", body.as_bytes(), 7200),
        ("slow trailers", trailers.as_bytes(), 8000 + 18_000),
    ];
    for (name, request, most) in cases {
        let cost = cost(request);
        println!("{name}: {cost} bytes");
        assert!((1000..=most).contains(&cost), "{name}: {cost} bytes, at most {most}");
    }
}
