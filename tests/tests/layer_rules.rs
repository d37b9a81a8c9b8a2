//! Rules and formats with layers, on the wire: which clients begin with a header, what a server is told in one, and why
//! a server was not reached.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use braid_tests::directory::Directory;
use braid_tests::forward::LIMIT;
use braid_tests::loopback::{accept, address, bound, connect, listener, listening};
use braid_tests::program::start_braid;
use braid_tests::syslog::Syslog;
use proxy_layers::proxy_protocol::Tlvs;
use socket2::{Domain, Socket, Type};

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

/// Reads a PROXY header of version 2 and the head of a request after it. Returns the TLVs of the header.
fn header_and_request(server: &mut TcpStream) -> Vec<(u8, Vec<u8>)> {
    let mut fixed = [0; 16];
    server.read_exact(&mut fixed).unwrap();
    let mut rest = vec![0; u16::from_be_bytes([fixed[14], fixed[15]]).into()];
    server.read_exact(&mut rest).unwrap();
    request(server);
    // The TLVs follow two addresses of IPv4.
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
fn formats_describe_the_request_to_the_server() {
    let (directory, log, front) =
        (Directory::new("told").unwrap(), Syslog::new().unwrap(), listening(None).unwrap());
    let (origin, at) = listener().unwrap();
    let braid =
        start_braid(&TOLD.replace("{origin}", &at), &directory, &log.target().unwrap(), &front).unwrap();
    let mut client = connect(address(&front)).unwrap();
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
        vec![who, (226, b"from  127.0.0.1 ".to_vec()), (3, Vec::new())]
    };
    let waiting = ask("one");
    let mut first = accept(&origin).unwrap();
    assert_eq!(header_and_request(&mut first), told("one"));
    answer(&first, waiting);
    // With the same header the connection is used again.
    let waiting = ask("one");
    request(&mut first);
    answer(&first, waiting);
    // With another header it is not.
    let waiting = ask("two");
    let mut second = accept(&origin).unwrap();
    assert_eq!(header_and_request(&mut second), told("two"));
    answer(&second, waiting);
    drop(braid);
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
fn rules_and_logs_know_why_a_server_was_not_reached() {
    let (directory, mut log, front) =
        (Directory::new("why").unwrap(), Syslog::new().unwrap(), listening(None).unwrap());
    let ((socks, socks_at), (origin, origin_at)) = (listener().unwrap(), listener().unwrap());
    // Nothing listens there, and nothing else can.
    let nobody = bound(None).unwrap();
    let nobody_at = address(&nobody).to_string();
    let config = ERRORS.replace("{socks}", &socks_at).replace("{origin}", &origin_at);
    let braid =
        start_braid(&config.replace("{nobody}", &nobody_at), &directory, &log.target().unwrap(), &front)
            .unwrap();
    let mut seen = 0;
    let mut ask = |path: &str, why: &str, line: &str, serve: &dyn Fn()| {
        let mut client = connect(address(&front)).unwrap();
        write!(client, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
        serve();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(&format!("\r\nwhy: {why}\r\n")), "{answer}");
        log.wait(&mut seen, LIMIT, |logged| logged.message == line).unwrap();
    };
    let denied = "E SC 41 SOCKS4_DENY SOCKS4 Proxy deny the request";
    ask("/denied", "41 SOCKS4_DENY", denied, &|| {
        let mut server = accept(&socks).unwrap();
        server.read_exact(&mut [0; 16]).unwrap();
        server.write_all(&[0, 91, 0, 0, 0, 0, 0, 0]).unwrap();
    });
    ask("/refused", "47 EREFUSED", "E SC 47 EREFUSED ECONNREFUSED returned by OS", &|| {});
    ask("/", "48 ERESET", "E SH 48 ERESET ECONNRESET returned by OS", &|| {
        let mut server = accept(&origin).unwrap();
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

/// Returns what a client with this address gets after sending these bytes; `None` if its connection is reset.
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

/// Returns a NetScaler header with the magic number 0: the client's packet of IPv4 and TCP.
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
    let braid = start_braid(CONNECTIONS, &directory, &log.target().unwrap(), &front).unwrap();
    let at = SocketAddr::from(([127, 0, 0, 1], address(&front).port()));
    let mut seen = 0;
    // Rejected clients are not reported: the next line is that of the next client.
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
