//! Large messages that arrive byte by byte: the cost of reading one grows linearly with its length.
//!
//! The test compares the times that the processor spends, the least of several runs, since reading a byte again has no
//! other visible effect; what other programs do meanwhile does not count. Eight times the bytes take eight times as long,
//! or 64 times if each byte is read again whenever another arrives: the bound is in between.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use proxy_http::h1::{BodyDecoder, Framing, Limits, RequestParser, ResponseParser};
use proxy_http::{Method, Request, Response};
use rustix::time::{ClockId, clock_gettime};

const LARGE: usize = 1 << 20;
const SMALL: usize = LARGE / 8;
const RUNS: usize = 3;

const LIMITS: Limits =
    Limits { head: 2 * LARGE, fields: usize::MAX, accept_unsafe: false, body_with_any_method: false };

fn request(bytes: &[u8]) {
    let (mut parser, mut request) = (RequestParser::new(LIMITS), Request::new());
    let mut input = Vec::with_capacity(bytes.len());
    for byte in &bytes[..bytes.len() - 1] {
        input.push(*byte);
        assert_eq!(parser.parse(&mut input, &mut request), Ok(None));
    }
    input.extend_from_slice(&bytes[bytes.len() - 1..]);
    assert!(parser.parse(&mut input, &mut request).unwrap().is_some());
}

fn response(bytes: &[u8]) {
    let (mut parser, mut response) = (ResponseParser::new(LIMITS), Response::new());
    let mut input = Vec::with_capacity(bytes.len());
    for byte in &bytes[..bytes.len() - 1] {
        input.push(*byte);
        assert_eq!(parser.parse(&mut input, &mut response, Method::Get), Ok(None));
    }
    input.extend_from_slice(&bytes[bytes.len() - 1..]);
    assert!(parser.parse(&mut input, &mut response, Method::Get).unwrap().is_some());
}

fn body(bytes: &[u8]) {
    let mut decoder = BodyDecoder::with_limits(Framing::Chunked, LIMITS);
    for byte in bytes {
        assert!(!decoder.is_done());
        decoder.decode(&mut [*byte]).unwrap();
    }
    assert!(decoder.is_done());
}

/// In one piece: the data are moved once only.
fn whole_body(bytes: &[u8]) {
    let mut bytes = bytes.to_vec();
    let mut decoder = BodyDecoder::with_limits(Framing::Chunked, LIMITS);
    assert_eq!(decoder.decode(&mut bytes).unwrap().consumed, bytes.len());
    assert!(decoder.is_done());
}

/// How long the processor has worked for this thread.
fn worked() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("a time since the thread began")
}

fn least(read: fn(&[u8]), bytes: &[u8]) -> Duration {
    let times = (0..RUNS).map(|_| {
        let start = worked();
        read(bytes);
        worked() - start
    });
    times.min().expect("a run")
}

#[test]
fn eight_times_the_bytes_take_eight_times_as_long() {
    let head = "GET / HTTP/1.1\r\n";
    for (name, read, before, piece, after) in [
        ("empty lines", request as fn(&[u8]), "", "\r\n", "GET / HTTP/1.1\r\n\r\n"),
        ("a method", request, "", "A", " / HTTP/1.1\r\n\r\n"),
        ("a target", request, "GET /", "a", " HTTP/1.1\r\n\r\n"),
        ("a query of an absolute target", request, "GET http://a?", "@", " HTTP/1.1\r\nhost: a\r\n\r\n"),
        ("a gap", request, "GET ", " ", "/ HTTP/1.1\r\n\r\n"),
        ("a value", request, "GET / HTTP/1.1\r\na: ", "b", "\r\n\r\n"),
        ("spaces before a value", request, "GET / HTTP/1.1\r\na:", " ", "b\r\n\r\n"),
        ("a folded value", request, "GET / HTTP/1.1\r\na: b", "\r\n c", "\r\n\r\n"),
        ("a folded value of nothing", request, "GET / HTTP/1.1\r\na:", "\r\n ", "\r\n\r\n"),
        ("fields", request, head, "a: b\r\n", "\r\n"),
        ("the same host", request, head, "host: a\r\n", "\r\n"),
        ("the same length", request, "GET / HTTP/1.1\r\ncontent-length: 0", ",0", "\r\n\r\n"),
        ("tokens of connection", request, "GET / HTTP/1.1\r\nconnection: a", ",close,b", "\r\n\r\n"),
        ("empty tokens of upgrade", request, "GET / HTTP/1.1\r\nupgrade: a", ",", "\r\n\r\n"),
        ("connection: upgrade", request, head, "connection: upgrade\r\n", "\r\n"),
        ("a reason", response, "HTTP/1.1 200 ", "a", "\r\n\r\n"),
        ("fields of a response", response, "HTTP/1.1 204 a\r\n", "content-length: 0\r\n", "\r\n"),
        ("zeros of a chunk's size", body, "", "0", "\r\n\r\n"),
        ("a chunk's extension", body, "0;", "a", "\r\n\r\n"),
        ("chunks", body, "", "1\r\na\r\n", "0\r\n\r\n"),
        ("chunks in one piece", whole_body, "", "1\r\na\r\n", "0\r\n\r\n"),
        ("a trailer", body, "0\r\na: ", "b", "\r\n\r\n"),
        ("trailers", body, "0\r\n", "a: b\r\n", "\r\n"),
    ] {
        let bytes =
            |length: usize| [before, &piece.repeat(length / piece.len()), after].concat().into_bytes();
        let (small, large) = (least(read, &bytes(SMALL)), least(read, &bytes(LARGE)));
        assert!(large < small * 24, "{name}: {SMALL} bytes in {small:?}, {LARGE} in {large:?}");
    }
}
