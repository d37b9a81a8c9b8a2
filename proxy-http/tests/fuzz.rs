//! The codec with random input: no panic, the same result in any pieces, and what it writes reads as what it read.
//! If another parser accepts the same bytes as a message, it finds the same in it.
//!
//! Under plain `cargo test` a few thousand random messages; a failure prints the seed that repeats it. For a longer
//! run:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p proxy-http --test fuzz
//! ```
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use bolero::check;
use common::laws;
use common::pieces::{PIECES, bytes_of, message_of};
use proxy_http::h1::{BodyDecoder, Framing, Limits, RequestParser, ResponseParser};
use proxy_http::{Fields, Method, Request, Response};

/// The number of random messages in a short run: about a second each of an unoptimised build.
const SHORT_RUN: usize = 50_000;

#[test]
fn random_requests() {
    check!().with_iterations(SHORT_RUN).with_max_len(48).for_each(|choices: &[u8]| {
        laws::of_requests(&bytes_of(choices), choices.first().copied().unwrap_or(0).into());
        let mut line = b"POST / HTTP/1.1\r\n".to_vec();
        line.extend_from_slice(&bytes_of(choices));
        laws::of_requests(&line, choices.last().copied().unwrap_or(0).into());
    });
}

#[test]
fn random_responses() {
    check!().with_iterations(SHORT_RUN).with_max_len(48).for_each(|choices: &[u8]| {
        let mut line = b"HTTP/1.1 200 OK\r\n".to_vec();
        line.extend_from_slice(&bytes_of(choices));
        laws::of_responses(&line, choices.last().copied().unwrap_or(0).into());
        laws::of_responses(&line[17..], choices.first().copied().unwrap_or(0).into());
    });
}

#[test]
fn random_cookies() {
    const PIECES: &[&[u8]] = &[
        b"S",
        b"=",
        b";",
        b",",
        b"\"",
        b"\\",
        b" ",
        b"\t",
        b"$Path",
        b"a",
        b"S=1",
        b"; ",
        b"b=\"x;y\"",
        b"\xff",
    ];
    check!().with_iterations(SHORT_RUN).with_max_len(48).for_each(|choices: &[u8]| {
        let pieces = choices.iter().map(|choice| PIECES[usize::from(*choice) % PIECES.len()]);
        laws::of_cookies(&pieces.collect::<Vec<_>>().concat());
        laws::of_cookies(choices);
    });
}

/// All texts of up to five of the letters that have a meaning.
#[test]
fn short_cookies() {
    let letters = b"S=;,\" \\$a\t";
    for length in 0..=5_u32 {
        for number in 0..letters.len().pow(length) {
            let digit = |at: u32| letters[number / letters.len().pow(at) % letters.len()];
            laws::of_cookies(&(0..length).map(digit).collect::<Vec<u8>>());
        }
    }
}

#[test]
fn random_chunks() {
    check!().with_iterations(SHORT_RUN).with_max_len(48).for_each(|choices: &[u8]| {
        let bytes = bytes_of(choices);
        let whole = decode(&bytes, bytes.len());
        for step in 1..4 {
            assert_eq!(decode(&bytes, step), whole, "{:?} by {step}", bytes.escape_ascii().to_string());
        }
    });
}

/// Returns what a decoder makes of bytes in pieces of `step`: the data and how many bytes were used, and how it
/// ended.
fn decode(bytes: &[u8], step: usize) -> (Option<(Vec<u8>, usize)>, String) {
    let mut decoder = BodyDecoder::new(Framing::Chunked);
    let (mut data, mut consumed) = (Vec::new(), 0);
    for part in bytes.chunks(step.max(1)) {
        let mut part = part.to_vec();
        match decoder.decode(&mut part) {
            Ok(decoded) => {
                assert!(decoded.data <= decoded.consumed && decoded.consumed <= part.len());
                data.extend_from_slice(&part[..decoded.data]);
                consumed += decoded.consumed;
            }
            Err(error) => return (None, error.to_string()),
        }
    }
    let trailers: Vec<_> =
        decoder.trailers().iter().map(|it| (it.name.to_vec(), it.value.to_vec())).collect();
    let trailers = if decoder.is_done() { trailers } else { Vec::new() };
    (Some((data, consumed)), format!("{:?} {trailers:?}", decoder.end_of_input()))
}

/// Well-formed lines, with fields that may contradict each other.
#[test]
fn random_fields() {
    check!().with_iterations(SHORT_RUN).with_max_len(14).for_each(|choices: &[u8]| {
        let cut = choices.iter().copied().map(usize::from).sum();
        let request = message_of(choices, true);
        laws::of_requests(&request, cut);
        compare_request(&request);
        let response = message_of(choices, false);
        laws::of_responses(&response, cut);
        compare_response(&response);
    });
}

/// All pairs of pieces, after the beginnings that reach deepest into the parser.
#[test]
fn any_two_pieces() {
    for before in [&b"POST / HTTP/1.1\r\nHost: a\r\n"[..], b"HTTP/1.1 200 OK\r\n", b""] {
        for first in PIECES {
            for second in PIECES {
                let bytes = [before, *first, *second, b"\r\n\r\n"].concat();
                laws::of_requests(&bytes, before.len() + first.len());
                laws::of_responses(&bytes, before.len() + first.len());
            }
        }
    }
}

#[test]
fn another_parser_finds_the_same() {
    check!().with_iterations(SHORT_RUN).with_max_len(40).for_each(|choices: &[u8]| {
        for before in [&b"GET / HTTP/1.1\r\n"[..], b"HTTP/1.1 200 OK\r\n", b""] {
            let bytes = [before, &bytes_of(choices), b"\r\n\r\n"].concat();
            compare_request(&bytes);
            compare_response(&bytes);
        }
    });
}

fn compare_request(bytes: &[u8]) {
    let mut headers = [httparse::EMPTY_HEADER; 200];
    let mut theirs = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(end)) = theirs.parse(bytes) else { return };
    let (mut input, mut ours) = (bytes.to_vec(), Request::new());
    let Ok(meta) = RequestParser::new(Limits::default()).parse(&mut input, &mut ours) else { return };
    assert!(meta.is_some(), "it is whole: {:?}", bytes.escape_ascii().to_string());
    assert_eq!(bytes.len() - input.len(), end, "{:?}", bytes.escape_ascii().to_string());
    assert_eq!(Some(ours.method_name()), theirs.method.map(str::as_bytes));
    let target = theirs.path.expect("a target").as_bytes();
    // An absolute target may have lost its port.
    assert!(ours.target() == target || !target.starts_with(b"/"));
    assert_eq!(Some(ours.version().minor), theirs.version);
    compare_fields(ours.fields(), theirs.headers);
}

fn compare_response(bytes: &[u8]) {
    let mut headers = [httparse::EMPTY_HEADER; 200];
    let mut theirs = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(end)) = theirs.parse(bytes) else { return };
    let (mut input, mut ours) = (bytes.to_vec(), Response::new());
    let Ok(meta) = ResponseParser::new(Limits::default()).parse(&mut input, &mut ours, Method::Get) else {
        return;
    };
    assert!(meta.is_some(), "it is whole: {:?}", bytes.escape_ascii().to_string());
    assert_eq!(bytes.len() - input.len(), end, "{:?}", bytes.escape_ascii().to_string());
    assert_eq!((Some(ours.status()), Some(ours.version().minor)), (theirs.code, theirs.version));
    compare_fields(ours.fields(), theirs.headers);
}

/// Our fields are theirs in the same order, except for those that the codec removes.
fn compare_fields(ours: &Fields, theirs: &[httparse::Header<'_>]) {
    const CHANGED: [&str; 6] =
        ["connection", "upgrade", "host", "content-length", "transfer-encoding", "keep-alive"];
    let mut ours = ours.iter().peekable();
    for header in theirs {
        let name = header.name.to_ascii_lowercase();
        let may_change = CHANGED.contains(&name.as_str());
        match ours.peek() {
            Some(field) if field.name == name.as_bytes() && (may_change || field.value == header.value) => {
                ours.next();
            }
            found => assert!(may_change, "{name} is missing; there is {found:?}"),
        }
    }
    assert_eq!(ours.next(), None);
}
