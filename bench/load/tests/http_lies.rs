//! HTTP peers that send wrong data: each kind of damage is found and counted under its name.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use braid_load::{
    Amount, ErrorCounts, HttpJob, HttpPlan, HttpReport, Pattern, Resource, Target, Transport, run_http,
};

const BYTES: usize = 10_000;
const GET: HttpJob = HttpJob::Get { bytes: BYTES as u64, chunk: None };

/// Reads the head of a request and returns the right body of its response; `None` at the end of the connection.
fn asked(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        // A client that has found an error closes, and resets if there was more to read.
        if client.read(&mut byte).unwrap_or(0) == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("text");
    let target = head.split(' ').nth(1).expect("a target");
    let resource = Resource::parse(target).expect("one of ours");
    let mut body = vec![0; resource.bytes as usize];
    Pattern::new(resource.seed).fill(0, &mut body);
    Some(body)
}

/// Runs `count` requests, one after the other on a kept connection, against a peer that sends `lie` for each right
/// body.
fn against(count: u64, job: HttpJob, mut lie: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) -> HttpReport {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let addr = listener.local_addr().expect("bound");
    let liar = thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("one client comes");
        for _ in 0..count {
            let Some(body) = asked(&mut client) else { return };
            // The client may close before it has read everything; if it should not have, its report shows that.
            let _ = client.write_all(&lie(body));
        }
    });
    let plan = HttpPlan {
        timeout: Duration::from_secs(20),
        ..HttpPlan::new(Target::new(addr, Transport::Tcp), job, Amount::Requests(count))
    };
    let report = run_http(&plan).expect("no process to measure");
    liar.join().expect("the liar is done");
    report
}

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat()
}

fn with_length(body: &[u8]) -> Vec<u8> {
    answer(&format!("Content-Length: {}\r\n", body.len()), body)
}

/// Returns the errors of one lie.
fn found(lie: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) -> ErrorCounts {
    let report = against(1, GET, lie);
    assert!(!report.is_ok() && report.ok == 0 && report.bytes == 0, "{report}");
    report.errors
}

fn only(set: impl Fn(&mut ErrorCounts)) -> ErrorCounts {
    let mut errors = ErrorCounts::default();
    set(&mut errors);
    errors
}

#[test]
fn the_truth_is_believed_however_it_is_framed() {
    let framings: [fn(Vec<u8>) -> Vec<u8>; 5] = [
        |body| with_length(&body),
        |body| answer("Connection: close\r\n", &body),
        |body| {
            let (front, back) = body.split_at(7);
            let chunks = [b"7;a=b\r\n", front, format!("\r\n{:x}\r\n", back.len()).as_bytes(), back].concat();
            answer("Transfer-Encoding: chunked\r\n", &[&chunks[..], b"\r\n0\r\nTrailer: x\r\n\r\n"].concat())
        },
        |body| [&b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"[..], &with_length(&body)].concat(),
        |body| answer(&format!("Content-Length: {}\r\nConnection: close\r\n", body.len()), &body),
    ];
    for framing in framings {
        let report = against(1, GET, framing);
        assert!(report.is_ok() && report.bytes == BYTES as u64, "{report}");
    }
}

#[test]
fn a_wrong_byte_is_found() {
    for at in [0, 1, 5000, BYTES - 1] {
        let errors = found(move |mut body| {
            body[at] ^= 1;
            with_length(&body)
        });
        assert_eq!(errors, only(|errors| errors.mismatch = 1), "byte {at}");
    }
}

#[test]
fn an_answer_to_another_request_is_found() {
    let mut first = None;
    // The first response is right, and sent again.
    let report = against(2, GET, move |body| with_length(first.get_or_insert(body)));
    assert_eq!((report.ok, report.errors), (1, only(|errors| errors.mismatch = 1)), "{report}");
}

#[test]
fn a_wrong_length_is_found() {
    let short = only(|errors| errors.short = 1);
    let excess = only(|errors| errors.excess = 1);
    // A right length, a wrong one, and none.
    assert_eq!(found(|body| with_length(&body[1..])), short);
    assert_eq!(found(|body| answer(&format!("Content-Length: {BYTES}\r\n"), &body[..BYTES - 1])), short);
    assert_eq!(found(|body| answer("", &body[..BYTES - 1])), short);
    assert_eq!(found(|body| with_length(&[&body[..], b"x"].concat())), excess);
    assert_eq!(
        found(|body| answer(&format!("Content-Length: {BYTES}\r\n"), &[&body[..], b"x"].concat())),
        excess
    );
    assert_eq!(found(|body| answer("", &[&body[..], b"x"].concat())), excess);
    let chunked = |body: &[u8], end: &'static str| {
        let body = [format!("{:x}\r\n", body.len()).as_bytes(), body, end.as_bytes()].concat();
        answer("Transfer-Encoding: chunked\r\n", &body)
    };
    assert_eq!(found(move |body| chunked(&body[..BYTES - 1], "\r\n0\r\n\r\n")), short);
    assert_eq!(found(move |body| chunked(&body, "\r\n1\r\nx\r\n0\r\n\r\n")), excess);
    // All bytes are there, only the last chunk is missing.
    assert_eq!(found(move |body| chunked(&body, "\r\n")), short);
}

#[test]
fn broken_http_and_refusals_are_found() {
    let protocol = only(|errors| errors.protocol = 1);
    let body_length = format!("Content-Length: {BYTES}\r\n");
    let twice = format!("{body_length}Transfer-Encoding: chunked\r\n");
    assert_eq!(found(move |body| answer(&twice, &body)), protocol);
    assert_eq!(found(|_| b"HTTX/1.1 200 OK\r\n\r\n".to_vec()), protocol);
    assert_eq!(found(|_| answer("Transfer-Encoding: chunked\r\n", b"zz\r\n")), protocol);
    let status = only(|errors| errors.status = 1);
    assert_eq!(found(|_| b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".to_vec()), status);
    assert_eq!(found(|_| Vec::new()), only(|errors| errors.short = 1));
    assert_eq!(found(|_| b"HTTP/1.1 200".to_vec()), only(|errors| errors.short = 1));
}

#[test]
fn unexpected_bytes_are_found() {
    // A right response, followed by unexpected bytes: they spoil the request that reads them.
    let report = against(2, GET, |body| [with_length(&body), b"HTTP/1.1 408 Bye\r\n\r\n".to_vec()].concat());
    assert!(report.errors.excess + report.errors.status > 0, "{report}");
}

#[test]
fn verdicts_on_uploads_are_not_believed_blindly() {
    let said = |verdict: &'static str| {
        let job = HttpJob::Post { bytes: 0, chunk: None };
        against(1, job, move |_| with_length(verdict.as_bytes()))
    };
    assert!(said("ok bytes=0 stall_us=0\n").is_ok());
    assert_eq!(said("ok bytes=1 stall_us=0\n").errors, only(|errors| errors.excess = 1));
    assert_eq!(said("mismatch=0 bytes=0 stall_us=0\n").errors, only(|errors| errors.mismatch = 1));
    assert_eq!(said("fine").errors, only(|errors| errors.mismatch = 1));
}

#[test]
fn refused_and_unanswered_connections_are_distinguished() {
    // Bound and not listening: no other process can take the port, and it refuses connections.
    let closed = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    closed.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a free port");
    let addr = closed.local_addr().expect("bound").as_socket().expect("an IP address");
    for transport in [Transport::Tcp, Transport::Mptcp] {
        if let Err(error) = transport.probe() {
            eprintln!("skipped: refused_and_unanswered_connections_are_distinguished over MPTCP: {error}");
            continue;
        }
        let target = Target::new(addr, transport);
        let report = run_http(&HttpPlan::new(target, GET, Amount::Requests(7))).expect("nothing to measure");
        assert_eq!((report.ok, report.errors), (0, only(|errors| errors.refused = 7)), "{report}");
        // A run without success ends early, and reports what it did not try.
        let target = Target::new(addr, transport);
        let report =
            run_http(&HttpPlan::new(target, GET, Amount::Requests(5000))).expect("nothing to measure");
        assert_eq!((report.errors.total(), report.not_tried()), (1000, 4000), "{report}");
    }

    let silent = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let target = Target::new(silent.local_addr().expect("bound"), Transport::Tcp);
    let plan = HttpPlan {
        connections: 3,
        timeout: Duration::from_millis(300),
        ..HttpPlan::new(target, GET, Amount::Requests(5))
    };
    let begin = Instant::now();
    let report = run_http(&plan).expect("nothing to measure");
    assert_eq!((report.errors, report.not_tried()), (only(|errors| errors.timeout = 3), 2), "{report}");
    assert!(begin.elapsed() < Duration::from_secs(10));
}
