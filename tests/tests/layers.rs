//! Layers on the wire: SOCKS4 and PROXY headers to servers, PROXY headers from clients, and clients that begin a header
//! and stop.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::time::{Duration, Instant};

use braid_tests::directory::Directory;
use braid_tests::forward::{Forward, LIMIT};
use braid_tests::loopback::{accept, address, connect, gone, listener, listening, room_for};
use braid_tests::poll::eventually;
use braid_tests::program::start_braid;
use braid_tests::skip::skip;
use braid_tests::syslog::Syslog;

#[test]
fn the_socks_request_comes_first_and_then_the_proxy_header() {
    let (socks, at) = listener().unwrap();
    let braid = Forward::new("tcp@127.0.0.1:0", format!("tcp@192.0.2.7:80 socks4 {at} send-proxy")).unwrap();
    let braid = braid.start().unwrap();
    let mut client = connect(braid.addr().unwrap()).unwrap();
    client.write_all(b"hello\n").unwrap();
    let mut server = accept(&socks).unwrap();
    let mut request = [0; 16];
    server.read_exact(&mut request).unwrap();
    assert_eq!(&request, b"\x04\x01\x00\x50\xc0\x00\x02\x07HAProxy\0");
    server.write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).unwrap();
    let mut lines = BufReader::new(server);
    let mut told = String::new();
    lines.read_line(&mut told).unwrap();
    let (source, destination) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
    let ports = format!("{} {}", source.port(), destination.port());
    assert_eq!(told, format!("PROXY TCP4 127.0.0.1 127.0.0.1 {ports}\r\n"));
    told.clear();
    lines.read_line(&mut told).unwrap();
    assert_eq!(told, "hello\n");
}

#[test]
fn a_socks_proxy_that_denies_is_a_server_that_cannot_be_reached() {
    let (socks, at) = listener().unwrap();
    let braid = Forward::new("tcp@127.0.0.1:0", format!("tcp@192.0.2.7:80 socks4 {at}")).unwrap();
    let braid = braid.start().unwrap();
    let mut client = connect(braid.addr().unwrap()).unwrap();
    // Each attempt is denied.
    for _ in 0..4 {
        let mut server = accept(&socks).unwrap();
        server.read_exact(&mut [0; 16]).unwrap();
        server.write_all(&[0, 91, 0, 0, 0, 0, 0, 0]).unwrap();
    }
    gone(&mut client).unwrap();
}

#[test]
fn a_proxy_takes_the_client_from_the_header_of_the_one_before() {
    let (origin, at) = listener().unwrap();
    let far = Forward::new("tcp@127.0.0.1:0 accept-proxy", format!("tcp@{at}")).unwrap().start().unwrap();
    let server =
        format!("tcp@{} send-proxy-v2 proxy-v2-options crc32c,unique-id,authority", far.addr().unwrap());
    let near = Forward::new("tcp@127.0.0.1:0", server).unwrap().start().unwrap();
    let mut client = connect(near.addr().unwrap()).unwrap();
    client.write_all(b"x").unwrap();
    let source = client.local_addr().unwrap().to_string();
    let mut server = accept(&origin).unwrap();
    server.read_exact(&mut [0; 1]).unwrap();
    drop((client, server));
    assert_eq!(far.sessions(1).unwrap()[0].get("client"), source);
}

#[test]
fn without_a_format_the_log_has_the_client_of_the_header() {
    let (directory, mut log, front) =
        (Directory::new("from").unwrap(), Syslog::new().unwrap(), listening(None).unwrap());
    let lines = ["log-format", "error-log-format"].map(|format| CONFIG.find(format).unwrap());
    let end = |at: usize| at + CONFIG[at..].find('\n').unwrap();
    let config = format!("{}{}", &CONFIG[..lines[0]], &CONFIG[end(lines[1])..]);
    let config = config.replace("{timeouts}", "timeout client 10s");
    let braid = start_braid(&config, &directory, &log.target().unwrap(), &front).unwrap();
    let mut client = connect(address(&front)).unwrap();
    client.write_all(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.0\r\n\r\n").unwrap();
    client.read_to_end(&mut Vec::new()).unwrap();
    let wanted = "Connect from 192.0.2.1:1 to 192.0.2.2:2 (front/HTTP)";
    log.wait(&mut 0, LIMIT, |line| line.message == wanted).unwrap();
    drop(braid);
}

/// The number of clients that begin a header and stop.
const HALF: usize = 10_000;
/// The timeout of a handshake.
const HANDSHAKE: Duration = Duration::from_secs(2);

/// No client is led to a server, so a descriptor for each client is enough.
const CONFIG: &str = "
global
    no strict-limits
    maxconn 10100
    log {log}
defaults
    mode http
    log global
    log-format \"H %ts %[fc_err_name]\"
    error-log-format \"H %ts %[fc_err_name]\"
    timeout connect 10s
    timeout server 10s
    {timeouts}
frontend front
    bind fd@{fd} accept-proxy
    http-request return status 200
";

#[test]
fn clients_that_stop_in_a_header_are_closed_in_time_and_others_are_served() {
    if let Err(reason) = room_for(HALF as u64 + 2000) {
        return skip("clients_that_stop_in_a_header_are_closed_in_time_and_others_are_served", &reason);
    }
    for timeouts in ["timeout client 60s\n    timeout client-hs 2s", "timeout client 2s"] {
        stop_in_a_header(timeouts);
    }
}

fn stop_in_a_header(timeouts: &str) {
    let (directory, front) = (Directory::new("half").unwrap(), listening(None).unwrap());
    // Clients come faster than they are accepted, and one that does not fit in the queue tries again a second later.
    front.listen(HALF as i32).unwrap();
    let config = CONFIG.replace("{timeouts}", timeouts);
    let braid = start_braid(&config, &directory, "stdout format raw local0", &front).unwrap();
    // Each worker has descriptors of its own, from when it has started.
    braid.wait_for_line("braid: ready, ", LIMIT).unwrap();
    let serve = || {
        let mut client = connect(address(&front)).unwrap();
        client.write_all(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    };
    serve();
    let (files, memory) = (braid.open_files().unwrap(), braid.resident_memory().unwrap());
    let mut half = Vec::with_capacity(HALF);
    let began = Instant::now();
    for _ in 0..HALF {
        let mut client = connect(address(&front)).unwrap();
        client.write_all(b"P").unwrap();
        half.push(client);
    }
    let last = Instant::now();
    serve();
    let per_client = braid.resident_memory().unwrap().saturating_sub(memory) / HALF as u64;
    assert!(per_client < 16 * 1024, "{per_client} bytes for each");
    gone(&mut half[0]).unwrap();
    assert!(began.elapsed() >= HANDSHAKE, "{:?}", began.elapsed());
    half.iter_mut().for_each(|client| gone(client).unwrap());
    assert!(last.elapsed() < HANDSHAKE + LIMIT / 2, "{:?}", last.elapsed());
    braid.wait_for_lines("H PR PRX_TIMEOUT", HALF, LIMIT).unwrap();
    serve();
    let all_closed = || (braid.open_files().unwrap() <= files).then_some(());
    let is_closed = eventually(LIMIT, all_closed).is_some();
    assert!(is_closed, "{} open files, {files} before", braid.open_files().unwrap());
}
