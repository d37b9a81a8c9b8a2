//! Requests at the limits: of bytes and of fields.

use proxy_http::h1::Limits;

use crate::common::{Passed, cuts, requests};

fn lead(bytes: &[u8]) -> Passed {
    let whole = requests(bytes, &[], Limits::default());
    for cuts in cuts(bytes.len()) {
        assert_eq!(requests(bytes, &cuts, Limits::default()), whole, "{cuts:?}");
    }
    whole
}

fn request(target: usize, value: usize) -> Vec<u8> {
    let (target, value) = ("a".repeat(target), "a".repeat(value));
    format!("GET /{target} HTTP/1.1\r\nhost: a\r\nx: {value}\r\n\r\n").into_bytes()
}

/// Returns a request of exactly this many bytes.
fn request_of(bytes: usize) -> Vec<u8> {
    request(0, bytes - request(0, 0).len())
}

fn fields(count: usize, last: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nhost: a\r\n{}{last}\r\n", "x: 1\r\n".repeat(count)).into_bytes()
}

#[test]
fn a_head_may_be_as_large_as_the_limit() {
    let most = request_of(Limits::HEAD);
    assert_eq!(lead(&most).messages, [most]);
    assert_eq!(lead(&request_of(Limits::HEAD + 1)).refused, Some(431));
    assert_eq!(lead(&request(0, 16_000)).refused, Some(431));
}

#[test]
fn a_target_may_be_as_long_as_a_head() {
    let long = request(15_000, 0);
    assert_eq!(lead(&long).messages, [long]);
    assert_eq!(lead(&request(20_000, 0)).refused, Some(414));
    assert_eq!(lead(&b"A".repeat(20_000)).refused, Some(414));
    assert_eq!(lead(&b"\r\n".repeat(10_000)).refused, Some(414));
}

#[test]
fn a_head_may_have_as_many_fields_as_the_limit() {
    // With `host` and the end of the head that makes 101.
    let most = fields(99, "");
    assert_eq!(lead(&most).messages, [most]);
    assert_eq!(lead(&fields(100, "")).refused, Some(400));
    assert_eq!(lead(&fields(101, "")).refused, Some(400));
    // Fields that are removed do not count.
    assert_eq!(lead(&fields(99, "host: a\r\nconnection: close\r\n")).messages, [fields(99, "")]);
}

#[test]
fn trailers_may_be_as_large_as_a_head() {
    let head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n";
    let message = |trailers: &str| format!("{head}{trailers}\r\n").into_bytes();
    for most in ["x: \r\n".repeat(100), format!("x: {}\r\n", "a".repeat(Limits::HEAD - 7))] {
        assert_eq!(lead(&message(&most)).messages, [message(&most)]);
    }
    for more in ["x: \r\n".repeat(101), format!("x: {}\r\n", "a".repeat(Limits::HEAD - 6))] {
        assert_eq!(lead(&message(&more)).refused, Some(400));
    }
}

#[test]
fn the_line_of_a_chunk_may_be_as_long_as_a_head() {
    let head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    let message = |line: &str| format!("{head}{line}\r\nab\r\n0\r\n\r\n").into_bytes();
    let most = Limits::HEAD - 2;
    for fits in [format!("2;{}", "a".repeat(most - 2)), format!("{}2", "0".repeat(most - 1))] {
        assert_eq!(lead(&message(&fits)).messages, [message("2")]);
        assert_eq!(lead(&message(&format!("0{fits}"))).refused, Some(400));
    }
}
