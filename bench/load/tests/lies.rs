//! Peers that send wrong data: each kind of damage is found and counted under its name.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use braid_load::{
    Direction, ErrorCounts, Job, Mode, Origin, Pattern, Plan, Report, Request, Transport, Verdict, run,
};

const BYTES: usize = 100_000;

/// Runs one job against an origin that reads the request and then does `lie` with the connection.
fn against(job: Job, lie: impl Fn(&mut TcpStream, Request) + Send + 'static) -> Report {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let addr = listener.local_addr().expect("bound");
    let liar = thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("one client comes");
        let mut header = [0; Request::LEN];
        client.read_exact(&mut header).expect("a request");
        lie(&mut client, Request::decode(&header).expect("a request"));
    });
    let plan = Plan { timeout: Duration::from_secs(20), ..Plan::new(addr, Transport::Tcp, job) };
    let report = run(&plan).expect("no process to measure");
    liar.join().expect("the liar is done");
    assert!(!report.is_ok(), "{report}");
    report
}

/// Runs a download of which the origin sends `damage(the right bytes)`.
fn down(damage: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static) -> Report {
    against(Job::bulk(Direction::Down, BYTES as u64, 1), move |client, request| {
        client.write_all(&damage(stream(request))).expect("the client reads to the end");
    })
}

fn stream(request: Request) -> Vec<u8> {
    let mut bytes = vec![0; BYTES];
    Pattern::new(request.seed).fill(0, &mut bytes);
    bytes
}

fn only(set: impl Fn(&mut ErrorCounts)) -> ErrorCounts {
    let mut errors = ErrorCounts::default();
    set(&mut errors);
    errors
}

#[test]
fn damage_to_a_download_is_named() {
    let flipped = down(|mut bytes| {
        bytes[77_777] ^= 0x10;
        bytes
    });
    assert_eq!((flipped.errors, flipped.bytes), (only(|errors| errors.mismatch = 1), 77_777));
    let lost = down(|mut bytes| {
        bytes.drain(4096..8192);
        bytes
    });
    assert_eq!(lost.errors, only(|errors| errors.mismatch = 1));
    assert!((4096..4112).contains(&lost.bytes), "{lost}");
    let doubled = down(|bytes| [&bytes[..65_536], &bytes[..]].concat());
    assert_eq!(doubled.errors, only(|errors| errors.mismatch = 1));
    assert!((65_536..65_552).contains(&doubled.bytes), "{doubled}");
    let short = down(|mut bytes| {
        bytes.pop();
        bytes
    });
    assert_eq!(short.errors, only(|errors| errors.short = 1));
    assert_eq!(short.bytes, BYTES as u64 - 1);
    let excess = down(|mut bytes| {
        bytes.push(0);
        bytes
    });
    assert_eq!((excess.errors, excess.bytes), (only(|errors| errors.excess = 1), BYTES as u64));
}

#[test]
fn bytes_of_another_connection_are_found() {
    let report = against(Job::bulk(Direction::Down, BYTES as u64, 1), |client, request| {
        client
            .write_all(&stream(Request { seed: request.seed.nth(1), ..request }))
            .expect("the client reads on");
    });
    assert_eq!(report.errors, only(|errors| errors.mismatch = 1));
}

#[test]
fn a_wrong_echo_is_found() {
    let report = against(Job::storm(1, 1), |client, _| {
        let mut payload = [0; 100];
        client.read_exact(&mut payload).expect("a payload");
        payload[99] ^= 1;
        client.write_all(&payload).expect("the client reads it");
    });
    assert_eq!(report.errors, only(|errors| errors.mismatch = 1));
    let report = against(Job::storm(1, 1), |client, _| client.shutdown(Shutdown::Write).expect("still open"));
    assert!(report.errors.short + report.errors.reset == 1 && report.errors.total() == 1, "{report}");
}

#[test]
fn verdicts_are_not_believed_blindly() {
    let answered = |verdict: &'static str| {
        against(Job::bulk(Direction::Up, BYTES as u64, 1), move |client, _| {
            client.read_to_end(&mut Vec::new()).expect("an upload");
            client.write_all(verdict.as_bytes()).expect("the client reads it");
        })
        .errors
    };
    assert_eq!(answered("ok bytes=99999 stall_us=1\n"), only(|errors| errors.short = 1));
    assert_eq!(answered("ok bytes=100001 stall_us=1\n"), only(|errors| errors.excess = 1));
    assert_eq!(answered("mismatch=5 bytes=100000 stall_us=1\n"), only(|errors| errors.mismatch = 1));
    assert_eq!(answered("ok bytes=100000 stall_us="), only(|errors| errors.mismatch = 1));
    assert_eq!(answered(""), only(|errors| errors.mismatch = 1));
}

#[test]
fn the_origin_finds_a_damaged_upload() {
    let origin = Origin::start(SocketAddr::from(([127, 0, 0, 1], 0)), Transport::Tcp).expect("a free port");
    let mut client = TcpStream::connect(origin.addr()).expect("it listens");
    let request = Request { mode: Mode::Up, bytes: BYTES as u64, seed: braid_load::Seed(5) };
    let mut bytes = stream(request);
    bytes[12_345] ^= 1;
    bytes.truncate(50_000);
    client.write_all(&request.encode()).expect("it reads");
    client.write_all(&bytes).expect("it reads");
    client.shutdown(Shutdown::Write).expect("still open");
    let mut line = Vec::new();
    client.read_to_end(&mut line).expect("a verdict");
    let verdict = Verdict::parse(&line).expect("an undamaged verdict");
    assert_eq!((verdict.bytes, verdict.mismatch), (50_000, Some(12_345)));
    client.shutdown(Shutdown::Both).unwrap_or_default();
    origin.finished().wait_for(1, Duration::from_secs(20)).expect("it is done with us");
    assert_eq!(origin.stop().mismatched, 1);
}
