//! A client's connection that is kept alive allocates no memory, however many requests arrive, nor does the worker for
//! them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/counting.rs"]
mod counting;

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use proxy_config::testing;
use proxy_engine::policy::{FrontendPolicy, HttpPolicy};
use proxy_engine::{AcceptedRecord, BackendConfig, Engine, FrontendConfig, Notice, Observer, SessionRecord};

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

#[derive(Debug)]
struct Nobody;

impl Observer for Nobody {
    fn accepted(&self, _: &AcceptedRecord<'_>) {}

    fn session(&self, _: &SessionRecord<'_>) {}

    fn notice(&self, notice: &Notice) {
        panic!("not expected: {notice}");
    }
}

/// Starts a server that answers each read with a response: requests arrive in one piece.
fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                while stream.read(&mut request).unwrap_or(0) > 0 {
                    stream.write_all(RESPONSE).unwrap();
                }
            });
        }
    });
    address
}

/// Makes the HTTP policy of a `listen` section with these lines, as far as it is used here.
fn http(lines: &str) -> Arc<HttpPolicy> {
    let limits = "timeout client 1m\n timeout server 1m\n timeout connect 1m";
    let reading = testing::read(format!("defaults\n {limits}\n mode http\nlisten x\n{lines}\n"));
    assert_eq!(reading.in_short(), Vec::<String>::new());
    let values = &reading.configuration.proxies[0].values;
    let (rules, forward_for) = (values.get_or_default(), values.get().cloned());
    Arc::new(HttpPolicy { rules, forward_for, ..HttpPolicy::default() })
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
    let (listener, address) = common::listener(1);
    let http = http(lines);
    let config = BackendConfig {
        http: Some(Arc::clone(&http)),
        ..common::backend_config(vec![common::server("s", origin())])
    };
    let frontend = FrontendConfig {
        backend: Some(proxy_engine::Backend::new(config)),
        policy: FrontendPolicy { http: Some(http), ..FrontendPolicy::default() },
        ..FrontendConfig::new("fe", 1, vec![listener])
    };
    let _engine =
        Engine::start_with(common::config(1, 100), vec![frontend], Arc::new(Nobody), |_| counting::watch())
            .unwrap();
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
