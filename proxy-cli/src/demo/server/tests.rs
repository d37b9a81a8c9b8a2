//! The server over real TCP; it needs no other transport here.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use proto_core::family::Family;
use proto_core::kernel::Kernel;
use proto_core::protocol::{Descriptor, Kind, Protocol as _};
use proto_core::spec::BindSpec;
use proto_core::transport::{KernelModel, KernelTransport, tcp_info};

use super::*;

static TCP: KernelModel = KernelModel {
    descriptor: Descriptor {
        name: "tcpv4",
        kind: Kind::Stream,
        families: &[Family::INET4],
        place: None,
        help: "for this test",
    },
    ipproto: libc::IPPROTO_TCP,
    fallback: None,
    mapped: false,
    splices: false,
    inspect: tcp_info::inspect,
};
const LIMIT: Duration = Duration::from_secs(20);

fn demo() -> (Demo, SocketAddr) {
    let spec = BindSpec::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    let bound = KernelTransport(&TCP).bind(spec, &Kernel::detect()).unwrap();
    let demo = serve(bound.socket, "127.0.0.1:5000").unwrap();
    let address = demo.address().inet().unwrap();
    (demo, address)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Sends bytes that end the connection one way or another, and returns the whole response.
fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    // The server may have answered and closed before all is written.
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

/// Reads the head of one response, and its body by its length.
fn answer(reader: &mut BufReader<TcpStream>, has_body: bool) -> (String, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "the connection ended in {head:?}");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
    let mut body = vec![0; if has_body { length.parse().unwrap() } else { 0 }];
    reader.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

#[test]
fn one_connection_carries_many_requests_and_the_page_describes_it() {
    let (_demo, address) = demo();
    let stream = connect(address);
    let own = stream.local_addr().unwrap().to_string();
    let mut reader = BufReader::new(stream);
    let request = |method: &str| format!("{method} /any HTTP/1.1\r\nHost: x\r\n\r\n");
    // Two requests at once, and one that comes in two pieces.
    reader.get_mut().write_all((request("GET") + &request("HEAD")).as_bytes()).unwrap();
    let (head, body) = answer(&mut reader, true);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && !head.contains("close"), "{head}");
    for part in [own.as_str(), "tcpv4, native", "path 0:", "braid probe 127.0.0.1:5000"] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(answer(&mut reader, false).0.starts_with("HTTP/1.1 200 OK\r\n"));
    let (first, second) = ("GET / HTTP/1.1\r\nHo", "st: x\r\nConnection: close\r\n\r\n");
    reader.get_mut().write_all(first.as_bytes()).unwrap();
    reader.get_mut().write_all(second.as_bytes()).unwrap();
    assert!(answer(&mut reader, true).0.contains("Connection: close\r\n"));
    assert_eq!(reader.read(&mut [0]).unwrap(), 0, "it is closed then");
}

#[test]
fn what_it_does_not_serve_it_refuses() {
    let (_demo, address) = demo();
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}", "a".repeat(HEAD_MAX));
    for (bytes, status) in [
        (&b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"[..], "405"),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"),
        (b"GET / HTTP/1.1\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", "400"),
        (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
        (b"GET x HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", "400"),
        (b"\r\n\r\n\r\n\r\n", "400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n\xff\xfe\x00", "400"),
        (long.as_bytes(), "431"),
        (&[0; 1 << 16], "431"),
        (b"GET / HTTP/1.0\r\n\r\n", "200"),
    ] {
        let answer = exchange(address, bytes);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {answer}");
        assert!(answer.contains("Connection: close\r\n"), "{shown:?}: {answer}");
    }
    assert_eq!(exchange(address, b""), "");
    assert!(exchange(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").contains("200 OK"), "it serves on");
}

#[test]
fn dropping_it_ends_the_thread_and_frees_the_port() {
    let (demo, address) = demo();
    let mut idle = connect(address);
    drop(demo);
    assert_eq!(idle.read(&mut [0]).unwrap_or(0), 0);
    assert!(TcpStream::connect(address).is_err());
}

/// Any beginning of any bytes is parsed without a panic, and never taken for longer than it is.
#[test]
fn hostile_heads() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let pieces: [&[u8]; 12] = [
        b"GET",
        b" ",
        b"/",
        b"HTTP/1.1",
        b"\r\n",
        b"\r\n\r\n",
        b"Host: x",
        b":",
        b"\0",
        b"\xff",
        b"Connection: ",
        b"close",
    ];
    for _ in 0..20_000 {
        let bytes: Vec<u8> =
            (0..random() % 12).flat_map(|_| pieces[(random() % 12) as usize]).copied().collect();
        if let Ok(Some(head)) = crate::demo::request::read(&bytes) {
            assert!(head.length <= bytes.len() && bytes[..head.length].ends_with(b"\r\n\r\n"), "{bytes:?}");
        }
    }
}
