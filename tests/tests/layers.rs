//! Layers that keywords choose, on the wire: SOCKS4 and PROXY headers to servers, PROXY headers from clients, and clients
//! that begin a header and stop.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use braid_tests::directory::Directory;
use braid_tests::forward::{Forward, LIMIT};
use braid_tests::loopback::{address, gone, listening, room_for};
use braid_tests::poll::eventually;
use braid_tests::process::Process;
use braid_tests::program::Program;
use braid_tests::skip::skip;
use braid_tests::syslog::Syslog;
use proxy_layers::proxy_protocol::Tlvs;
use socket2::{Domain, Socket, Type};

/// A listener, and its address as a server line has it.
fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

#[test]
fn the_way_to_a_server_comes_first_and_then_who_the_client_is() {
    let (socks, at) = listener();
    let braid = Forward::new("tcp@127.0.0.1:0", format!("tcp@192.0.2.7:80 socks4 {at} send-proxy")).unwrap();
    let braid = braid.start().unwrap();
    let mut client = connect(braid.addr().unwrap());
    client.write_all(b"hello\n").unwrap();
    let mut server = accept(&socks);
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
    let (socks, at) = listener();
    let braid = Forward::new("tcp@127.0.0.1:0", format!("tcp@192.0.2.7:80 socks4 {at}")).unwrap();
    let braid = braid.start().unwrap();
    let mut client = connect(braid.addr().unwrap());
    // Each attempt is denied.
    for _ in 0..4 {
        let mut server = accept(&socks);
        server.read_exact(&mut [0; 16]).unwrap();
        server.write_all(&[0, 91, 0, 0, 0, 0, 0, 0]).unwrap();
    }
    gone(&mut client).unwrap();
}

#[test]
fn what_one_tells_the_next_takes_for_the_client() {
    let (origin, at) = listener();
    let far = Forward::new("tcp@127.0.0.1:0 accept-proxy", format!("tcp@{at}")).unwrap().start().unwrap();
    let server =
        format!("tcp@{} send-proxy-v2 proxy-v2-options crc32c,unique-id,authority", far.addr().unwrap());
    let near = Forward::new("tcp@127.0.0.1:0", server).unwrap().start().unwrap();
    let mut client = connect(near.addr().unwrap());
    client.write_all(b"x").unwrap();
    let source = client.local_addr().unwrap().to_string();
    let mut server = accept(&origin);
    server.read_exact(&mut [0; 1]).unwrap();
    drop((client, server));
    assert_eq!(far.sessions(1).unwrap()[0].get("client"), source);
}

const TOLD: &str = "
global
    log {log}
defaults
    mode http
    log global
    timeout connect 10s
    timeout client 60s
    timeout server 60s
frontend front
    bind fd@{fd}
    http-request set-var(txn.who) req.hdr(who)
    default_backend back
backend back
    http-reuse always
    default-server send-proxy-v2 set-proxy-v2-tlv-fmt(0xe1) \"<%[var(txn.who)]>\"
    server origin {origin} set-proxy-v2-tlv-fmt(226) \"from  %ci %[bin(00ff)]\" set-proxy-v2-tlv-fmt(3)
";

/// Reads a PROXY header of version 2 and the head of a request after it. Returns the values of the header.
fn header_and_request(server: &mut TcpStream) -> Vec<(u8, Vec<u8>)> {
    let mut fixed = [0; 16];
    server.read_exact(&mut fixed).unwrap();
    let mut rest = vec![0; u16::from_be_bytes([fixed[14], fixed[15]]).into()];
    server.read_exact(&mut rest).unwrap();
    request(server);
    // After two addresses of IPv4.
    Tlvs::new(&rest[12..]).map(|tlv| (tlv.kind, tlv.value.to_vec())).collect()
}

fn request(server: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        server.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
}

#[test]
fn formats_tell_a_server_of_the_request_it_is_connected_to_for() {
    let (directory, log, front) =
        (Directory::new("told").unwrap(), Syslog::new().unwrap(), listening(None).unwrap());
    let (origin, at) = listener();
    let braid = start(&TOLD.replace("{origin}", &at), &directory, &target(&log), &front);
    let mut client = connect(address(&front));
    let mut ask = |who: &str| {
        write!(client, "GET / HTTP/1.1\r\nHost: a.example\r\nWho: {who}\r\n\r\n").unwrap();
        client.try_clone().unwrap()
    };
    let answer = |mut server: &TcpStream, mut client: TcpStream| {
        let (response, mut got) = (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", [0; 38]);
        server.write_all(response).unwrap();
        client.read_exact(&mut got).unwrap();
        assert!(got.starts_with(b"HTTP/1.1 200 OK"));
    };
    let told = |who: &str| {
        let who = (0xe1, format!("<{who}>").into_bytes());
        vec![who, (226, b"from  127.0.0.1 \0\xff".to_vec()), (3, Vec::new())]
    };
    let waiting = ask("one");
    let mut first = accept(&origin);
    assert_eq!(header_and_request(&mut first), told("one"));
    answer(&first, waiting);
    // The same is told: the connection is used again.
    let waiting = ask("one");
    request(&mut first);
    answer(&first, waiting);
    // Something else is: it is not.
    let waiting = ask("two");
    let mut second = accept(&origin);
    assert_eq!(header_and_request(&mut second), told("two"));
    answer(&second, waiting);
    drop(braid);
}

/// The log target that is sent to `log`.
fn target(log: &Syslog) -> String {
    format!("{} local0", log.address().unwrap())
}

fn start(config: &str, directory: &Directory, log: &str, front: &Socket) -> Process {
    let config = config.replace("{log}", log).replace("{fd}", &front.as_raw_fd().to_string());
    let file = directory.file("cfg");
    fs::write(&file, config).unwrap();
    Program::braid().unwrap().start(&file, front).unwrap()
}

#[test]
fn without_a_format_the_log_has_the_client_of_the_header() {
    let (directory, mut log, front) =
        (Directory::new("from").unwrap(), Syslog::new().unwrap(), listening(None).unwrap());
    let lines = ["log-format", "error-log-format"].map(|format| CONFIG.find(format).unwrap());
    let end = |at: usize| at + CONFIG[at..].find('\n').unwrap();
    let config = format!("{}{}", &CONFIG[..lines[0]], &CONFIG[end(lines[1])..]);
    let config = config.replace("{timeouts}", "timeout client 10s");
    let braid = start(&config, &directory, &target(&log), &front);
    let mut client = connect(address(&front));
    client.write_all(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.0\r\n\r\n").unwrap();
    client.read_to_end(&mut Vec::new()).unwrap();
    let wanted = "Connect from 192.0.2.1:1 to 192.0.2.2:2 (front/HTTP)";
    log.wait(&mut 0, LIMIT, |line| line.message == wanted).unwrap();
    drop(braid);
}

/// How many clients begin a header and stop.
const HALF: usize = 10_000;
/// How long each of them is given.
const HANDSHAKE: Duration = Duration::from_secs(2);

/// Nobody is led to a server, so a descriptor for each client is enough.
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
    let braid = start(&config, &directory, "stdout format raw local0", &front);
    let serve = || {
        let mut client = connect(address(&front));
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
        let mut client = connect(address(&front));
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

const ERRORS: &str = "
global
    log {log}
defaults
    mode http
    log global
    log-format \"E %ts %[bc_err] %[bc_err_name] %[bc_err_str]\"
    retries 0
    timeout connect 10s
    timeout client 60s
    timeout server 60s
frontend front
    bind fd@{fd}
    use_backend denied if { path /denied }
    use_backend refused if { path /refused }
    default_backend reset
backend denied
    server s 192.0.2.7:80 socks4 {socks}
    http-after-response set-header Why \"%[bc_err] %[bc_err_name]\"
backend refused
    server s {nobody}
    http-after-response set-header Why \"%[bc_err] %[bc_err_name]\"
backend reset
    server s {origin}
    http-after-response set-header Why \"%[bc_err] %[bc_err_name]\"
";

#[test]
fn rules_and_logs_are_told_why_a_server_was_not_reached() {
    let (directory, mut log, front) =
        (Directory::new("why").unwrap(), Syslog::new().unwrap(), listening(None).unwrap());
    let ((socks, socks_at), (origin, origin_at), (nobody, nobody_at)) = (listener(), listener(), listener());
    drop(nobody);
    let config = ERRORS.replace("{socks}", &socks_at).replace("{origin}", &origin_at);
    let braid = start(&config.replace("{nobody}", &nobody_at), &directory, &target(&log), &front);
    let mut seen = 0;
    let mut ask = |path: &str, why: &str, line: &str, serve: &dyn Fn()| {
        let mut client = connect(address(&front));
        write!(client, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
        serve();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(&format!("\r\nwhy: {why}\r\n")), "{answer}");
        log.wait(&mut seen, LIMIT, |logged| logged.message == line).unwrap();
    };
    let denied = "E SC 41 SOCKS4_DENY SOCKS4 Proxy deny the request";
    ask("/denied", "41 SOCKS4_DENY", denied, &|| {
        let mut server = accept(&socks);
        server.read_exact(&mut [0; 16]).unwrap();
        server.write_all(&[0, 91, 0, 0, 0, 0, 0, 0]).unwrap();
    });
    ask("/refused", "47 EREFUSED", "E SC 47 EREFUSED ECONNREFUSED returned by OS", &|| {});
    ask("/", "48 ERESET", "E SH 48 ERESET ECONNRESET returned by OS", &|| {
        let mut server = accept(&origin);
        request(&mut server);
        Socket::from(server).set_linger(Some(Duration::ZERO)).unwrap();
    });
    drop(braid);
}

const CONNECTIONS: &str = "
global
    log {log}
defaults base
    mode http
    log global
    log-format \"C %f %[src] %[dst] %ts %ST\"
    error-log-format \"C %f %[src] %[dst] %[fc_err_name]\"
    timeout connect 10s
    timeout server 10s
    timeout client 60s
frontend front from base
    bind fd@{fd}
    tcp-request connection accept if { src 127.0.0.2 }
    tcp-request connection reject if { src 127.0.0.3 } or { dst 127.0.0.4 }
    tcp-request connection expect-proxy layer4 if { src 127.0.0.5 127.0.0.7 }
    tcp-request connection expect-netscaler-cip layer4 if { src 127.0.0.6 127.0.0.7 }
    http-request return status 200 hdr client %[src]:%[src_port] hdr server %[dst]
";

/// What a client of this address gets that sends these bytes. `None` if its connection is reset.
fn served_from(client: &str, server: SocketAddr, bytes: &[u8]) -> Option<String> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let from: SocketAddr = format!("{client}:0").parse().unwrap();
    socket.bind(&from.into()).unwrap();
    socket.connect(&server.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    // It may be reset already.
    let sent = stream.write_all(bytes);
    let mut answer = String::new();
    match sent.and_then(|()| stream.read_to_string(&mut answer).map(drop)) {
        Ok(()) => Some(answer),
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => None,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
        Err(error) => panic!("{error}"),
    }
}

/// A NetScaler header of the magic number 0: the client's packet of IPv4 and TCP.
fn netscaler() -> Vec<u8> {
    let mut header = vec![0, 0, 0, 0, 0, 0, 0, 40, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0];
    header.extend([192, 0, 2, 8, 192, 0, 2, 9, 0x1f, 0x90, 0, 80]);
    header.extend([0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0, 0, 0, 0, 0, 0, 0]);
    header
}

#[test]
fn rules_about_connections_decide_who_comes_in_and_who_begins_with_a_header() {
    const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
    const PROXY: &[u8] = b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n";
    let (directory, mut log) = (Directory::new("rules").unwrap(), Syslog::new().unwrap());
    let front = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    front.bind(&SocketAddr::from(([0, 0, 0, 0], 0)).into()).unwrap();
    front.listen(128).unwrap();
    let braid = start(CONNECTIONS, &directory, &target(&log), &front);
    let at = SocketAddr::from(([127, 0, 0, 1], address(&front).port()));
    let mut seen = 0;
    // Nobody is told of those that are rejected: the next line is that of the next client.
    let mut check = |client: &str, server: SocketAddr, bytes: &[&[u8]], told: Option<&str>, line: &str| {
        let answer = served_from(client, server, &bytes.concat());
        match (&answer, told) {
            (None, None) | (_, Some("")) => {}
            (Some(answer), Some(told)) => assert!(answer.contains(told), "{client}: {answer}"),
            _ => panic!("{client}: {answer:?}"),
        }
        if !line.is_empty() {
            log.wait(&mut seen, LIMIT, |logged| logged.message.starts_with("C ")).unwrap();
            assert_eq!(log.lines()[seen - 1].message, line, "{client}");
        }
    };
    let other = SocketAddr::from(([127, 0, 0, 4], at.port()));
    check("127.0.0.3", at, &[REQUEST], None, "");
    check("127.0.0.3", at, &[], None, "");
    check("127.0.0.1", at, &[REQUEST], Some("\r\nclient: 127.0.0.1:"), "C front 127.0.0.1 127.0.0.1 LR 200");
    let proxied = "\r\nclient: 192.0.2.1:1000\r\nserver: 192.0.2.2\r\n";
    check("127.0.0.5", at, &[PROXY, REQUEST], Some(proxied), "C front 192.0.2.1 192.0.2.2 LR 200");
    check("127.0.0.5", at, &[REQUEST], Some(""), "C front 127.0.0.5 127.0.0.1 PRX_NOT_HDR");
    // Accepted before a header would have been expected of it.
    check("127.0.0.2", at, &[REQUEST], Some("\r\nclient: 127.0.0.2:"), "C front 127.0.0.2 127.0.0.1 LR 200");
    let cip = "\r\nclient: 192.0.2.8:8080\r\nserver: 192.0.2.9\r\n";
    check("127.0.0.6", at, &[&netscaler(), REQUEST], Some(cip), "C front 192.0.2.8 192.0.2.9 LR 200");
    // Both, in HAProxy's order.
    let both: &[&[u8]] = &[&netscaler(), PROXY, REQUEST];
    check("127.0.0.7", at, both, Some(proxied), "C front 192.0.2.1 192.0.2.2 LR 200");
    check("127.0.0.1", other, &[REQUEST], None, "");
    check("127.0.0.1", at, &[REQUEST], Some("\r\nclient: 127.0.0.1:"), "C front 127.0.0.1 127.0.0.1 LR 200");
    drop(braid);
}
