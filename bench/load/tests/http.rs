//! HTTP client against HTTP origin, over loopback: every kind of request on every transport, and the pace of an open
//! loop.

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroU64;
use std::time::Duration;

use braid_load::{
    Amount, HttpJob, HttpOrigin, HttpPlan, HttpReport, OriginPlan, Pattern, Pid, Seed, Target, Transport,
    run_http,
};
use common::{PATIENCE, SEND_BUFFER, transports};

fn origin(transport: Transport) -> HttpOrigin {
    let addr = SocketAddr::from(([127, 0, 0, 1], 0));
    let plan = OriginPlan { addr, transport, send_buffer: Some(SEND_BUFFER), patience: PATIENCE };
    HttpOrigin::start(&plan).expect("loopback can be bound")
}

fn plan(addr: SocketAddr, transport: Transport, job: HttpJob, count: u64) -> HttpPlan {
    let mut target = Target::new(addr, transport);
    target.send_buffer = Some(SEND_BUFFER);
    HttpPlan { timeout: PATIENCE, ..HttpPlan::new(target, job, Amount::Requests(count)) }
}

fn ran(plan: &HttpPlan) -> HttpReport {
    let report = run_http(plan).expect("no process is measured that could be missing");
    assert!(report.is_ok(), "{report}");
    report
}

fn jobs(bytes: u64) -> Vec<HttpJob> {
    let chunks = [None, NonZeroU64::new(1000), NonZeroU64::new(1 << 20)];
    chunks
        .into_iter()
        .flat_map(|chunk| [HttpJob::Get { bytes, chunk }, HttpJob::Post { bytes, chunk }])
        .collect()
}

#[test]
fn every_request_of_every_size_is_answered_on_kept_and_on_fresh_connections() {
    for transport in transports("every_request_of_every_size_is_answered_on_kept_and_on_fresh_connections") {
        let origin = origin(transport);
        let (mut requests, mut opened, mut posted) = (0, 0, 0);
        for (bytes, count) in [(0, 5), (1, 20), (128, 200), (1_000_000, 9)] {
            for job in jobs(bytes) {
                for keep_alive in [true, false] {
                    let plan =
                        HttpPlan { connections: 4, keep_alive, ..plan(origin.addr(), transport, job, count) };
                    let report = ran(&plan);
                    assert_eq!((report.ok, report.bytes), (count, count * bytes), "{report}");
                    assert_eq!(report.connections, if keep_alive { count.min(4) } else { count }, "{report}");
                    assert_eq!((report.latency.count(), plan.progress.count()), (count, count));
                    let native = if transport == Transport::Mptcp { report.connections } else { 0 };
                    assert_eq!((report.paths.mptcp, report.paths.fallback), (native, 0), "{report}");
                    requests += count;
                    opened += report.connections;
                    posted += if matches!(job, HttpJob::Post { .. }) { count * bytes } else { 0 };
                }
            }
        }
        let counts = origin.stop();
        assert_eq!((counts.requests, counts.accepted, counts.posted), (requests, opened, posted));
        assert_eq!((counts.mismatched, counts.failed), (0, 0), "{counts:?}");
        assert_eq!(counts.mptcp, if transport == Transport::Mptcp { opened } else { 0 });
    }
}

#[test]
fn a_run_of_some_time_ends_in_time_and_measures_a_process() {
    let origin = origin(Transport::Tcp);
    let mut plan = plan(origin.addr(), Transport::Tcp, HttpJob::Get { bytes: 128, chunk: None }, 0);
    plan.amount = Amount::For(Duration::from_millis(300));
    plan.connections = 8;
    plan.target.processes = vec![Pid(std::process::id())];
    let report = ran(&plan);
    assert!(report.ok > 8 && report.connections == 8 && report.cost.is_some(), "{report}");
    assert!((0.3..10.0).contains(&report.elapsed.as_secs_f64()), "{report}");
    assert_eq!(origin.stop().requests, report.ok);
}

#[test]
fn an_open_loop_keeps_its_rate_and_counts_waiting_as_latency() {
    let origin = origin(Transport::Tcp);
    let job = HttpJob::Get { bytes: 100, chunk: None };
    let plan = HttpPlan {
        amount: Amount::For(Duration::from_millis(500)),
        rate: Some(400.0),
        connections: 4,
        ..plan(origin.addr(), Transport::Tcp, job, 0)
    };
    let report = ran(&plan);
    assert_eq!(report.ok, 200, "{report}");
    // The last request has its intended start 2.5 ms before the end.
    assert!(report.elapsed >= Duration::from_millis(497), "{report}");

    // All have the same intended start, one at a time: the last has waited for all others.
    let plan = HttpPlan { amount: Amount::Requests(500), rate: Some(1e9), connections: 1, ..plan };
    let report = ran(&plan);
    assert!(report.latency.max() > report.elapsed.mul_f64(0.8), "{report}");
    assert!(report.latency.quantile(0.5) > report.elapsed.mul_f64(0.1), "{report}");
}

/// Sends `wire` and returns all bytes received until the origin closes.
fn said(origin: &HttpOrigin, wire: &[u8]) -> Vec<u8> {
    let mut client = TcpStream::connect(origin.addr()).expect("it listens");
    client.set_read_timeout(Some(PATIENCE)).expect("a socket option");
    client.write_all(wire).expect("it reads");
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).expect("it closes");
    answer
}

#[test]
fn the_origin_speaks_to_any_client() {
    let origin = origin(Transport::Tcp);
    let text = |wire: &[u8]| String::from_utf8_lossy(&said(&origin, wire)).into_owned();
    // Two requests at once, the second of them chunked, are served like one after the other.
    let mut body = [0; 3];
    Pattern::new(Seed(0)).fill(0, &mut body);
    let answer =
        said(&origin, b"GET /3 HTTP/1.1\r\n\r\nGET /3?chunked=2 HTTP/1.1\r\nConnection: close\r\n\r\n");
    let two: Vec<&[u8]> = vec![
        b"Content-Length: 3\r\n\r\n",
        &body,
        b"HTTP/1.1",
        b"\r\n\r\n2\r\n",
        &body[..2],
        b"\r\n1\r\n",
        &body[2..],
    ];
    let mut rest = answer.as_slice();
    for part in two {
        let at = rest.windows(part.len()).position(|window| window == part).expect("in this order");
        rest = &rest[at + part.len()..];
    }
    assert_eq!(rest, b"\r\n0\r\n\r\n");

    let head = text(b"HEAD /5 HTTP/1.0\r\n\r\n");
    assert!(head.contains("Content-Length: 5\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(text(b"GET /nothing HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
    assert!(text(b"DELETE /1 HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    let posted = text(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx");
    assert!(posted.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), "{posted}");
    assert!(posted.ends_with("mismatch=0 bytes=1 stall_us=0\n"), "{posted}");
    assert_eq!(said(&origin, b"no HTTP\r\n\r\n"), b"");
    let counts = origin.stop();
    assert_eq!((counts.requests, counts.mismatched, counts.failed), (6, 1, 1), "{counts:?}");
}
