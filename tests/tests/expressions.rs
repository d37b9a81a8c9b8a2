//! Regular expressions that take too long on what a client has sent: what the rule says is not known, so that client is
//! not served, and others are.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use braid_tests::forward::{Braid, Forward, LIMIT, inherited};

/// On many `a` with something else after them a matcher that goes back tries each way to divide them.
const EXPRESSION: &str = "^(a+)+$";

fn hostile() -> String {
    "a".repeat(64) + "b"
}

/// Starts a frontend with these lines before a server, and returns its address.
fn start(name: &str, lines: &str, server: &TcpListener) -> (Braid, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (bind, addr) = (inherited(&listener), listener.local_addr().unwrap());
    let file = std::env::temp_dir().join(format!("braid-{}-{name}.cfg", std::process::id()));
    let server = server.local_addr().unwrap();
    let text = format!(
        "defaults\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n\
         listen entrance\n bind {bind}\n{lines}\n server s {server}\n"
    );
    fs::write(&file, text).unwrap();
    let started = Forward::command().unwrap().args(["-f", file.to_str().unwrap()]).pass(listener).start();
    fs::remove_file(&file).unwrap();
    (started.unwrap(), addr)
}

fn client(addr: SocketAddr, bytes: &str) -> TcpStream {
    let mut client = TcpStream::connect(addr).unwrap();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    client.write_all(bytes.as_bytes()).unwrap();
    client
}

fn is_served(mut client: TcpStream, server: &TcpListener, bytes: &str, answer: &str) {
    let mut served = server.accept().unwrap().0;
    served.set_read_timeout(Some(LIMIT)).unwrap();
    let mut received = vec![0; bytes.len()];
    served.read_exact(&mut received).unwrap();
    assert_eq!(String::from_utf8_lossy(&received), bytes);
    served.write_all(answer.as_bytes()).unwrap();
    let mut received = vec![0; answer.len()];
    client.read_exact(&mut received).unwrap();
    assert_eq!(String::from_utf8_lossy(&received), answer);
}

/// Waits for a notice of the operator.
fn told(braid: &Braid, notice: &str) {
    braid.process.wait_for_line(notice, LIMIT).unwrap();
}

#[test]
fn a_session_of_mode_tcp_is_reset() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let rules = format!(
        " mode tcp\n tcp-request inspect-delay 5s\n tcp-request content reject if {{ req.payload(0,65) -m reg {EXPRESSION} }}"
    );
    let (braid, addr) = start("expressions-tcp", &rules, &server);
    for _ in 0..3 {
        let error = client(addr, &hostile()).read(&mut [0]).expect_err("it is not known what the rule says");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
        // One that matches is rejected, without a reset.
        assert_eq!(client(addr, &"a".repeat(65)).read(&mut [0]).unwrap(), 0);
        // One that does not is served.
        let other = "b".repeat(65);
        is_served(client(addr, &other), &server, &other, "answer");
    }
    told(&braid, "expressions-tcp.cfg:9 was not evaluated: the regular expression '^(a+)+$' took too long");
    server.set_nonblocking(true).unwrap();
    assert_eq!(
        server.accept().unwrap_err().kind(),
        ErrorKind::WouldBlock,
        "a client more has reached the server"
    );
}

#[test]
fn a_request_of_mode_http_is_answered_with_500() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let rules = format!(" mode http\n http-request deny if {{ req.hdr(x) -m reg {EXPRESSION} }}");
    let (braid, addr) = start("expressions-http", &rules, &server);
    let request = |value: &str| format!("GET / HTTP/1.1\r\nhost: a\r\nx: {value}\r\n\r\n");
    for _ in 0..3 {
        for (value, status) in [(hostile(), "HTTP/1.1 500 "), ("a".repeat(65), "HTTP/1.1 403 ")] {
            let mut answer = vec![0; status.len()];
            client(addr, &request(&value)).read_exact(&mut answer).unwrap();
            assert_eq!(String::from_utf8_lossy(&answer), status, "{value}");
        }
        let other = request(&"b".repeat(65));
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        is_served(client(addr, &other), &server, &other, answer);
    }
    told(&braid, "expressions-http.cfg:8 was not evaluated: the regular expression '^(a+)+$' took too long");
    server.set_nonblocking(true).unwrap();
    assert_eq!(
        server.accept().unwrap_err().kind(),
        ErrorKind::WouldBlock,
        "a client more has reached the server"
    );
}

/// What a server would be told is not left out, either.
#[test]
fn a_request_whose_fields_are_not_known_is_answered_with_500() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let lines = " mode http\n option forwarded host-expr 'req.hdr(x),regsub(\"^(a+)+b\",c)'\n";
    let (braid, addr) = start("expressions-fields", lines, &server);
    let request = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(64) + "!b");
    let mut answer = [0; 13];
    client(addr, &request).read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 500 ");
    told(
        &braid,
        "a value for a server or a log line was not determined: the regular expression '^(a+)+b' took too long",
    );
}
