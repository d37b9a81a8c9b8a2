//! Requests, and what is written for the server: after the codec an ambiguous request is unambiguous, or it is
//! refused.
//!
//! Each request arrives whole, byte by byte, and in two pieces split at every place.

#[path = "../common/mod.rs"]
mod common;

mod chunks;
mod connection;
mod fields;
mod large;
mod lengths;
mod lines;
mod observed;
mod targets;
mod trailers;

use common::{cuts, requests, shown};
use proxy_http::h1::Limits;

/// The bytes of a client, and the result.
pub(crate) struct Row {
    name: &'static str,
    input: &'static [u8],
    /// What the server receives. The last message may be truncated, as by the client.
    passed: &'static [&'static [u8]],
    /// The status with which the rest is refused.
    refused: Option<u16>,
}

fn check(rows: &[Row]) {
    let mut failures = Vec::new();
    for Row { name, input, passed, refused } in rows {
        let passed: Vec<_> = passed.iter().map(|message| message.to_vec()).collect();
        let whole = requests(input, &[], Limits::default());
        if (&whole.messages, &whole.refused) != (&passed, refused) {
            let wanted = (shown(&passed), refused);
            failures.push(format!("{name}: {:?} {:?}, not {wanted:?}", shown(&whole.messages), whole.error));
        }
        for cuts in cuts(input.len()) {
            assert_eq!(requests(input, &cuts, Limits::default()), whole, "{name}, cut at {cuts:?}");
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

#[test]
fn observed() {
    check(observed::ROWS);
}

#[test]
fn lengths() {
    check(lengths::ROWS);
}

#[test]
fn chunks() {
    check(chunks::ROWS);
}

#[test]
fn trailers() {
    check(trailers::ROWS);
}

#[test]
fn fields() {
    check(fields::ROWS);
}

#[test]
fn targets() {
    check(targets::ROWS);
}

#[test]
fn lines() {
    check(lines::ROWS);
}

#[test]
fn connection() {
    check(connection::ROWS);
}
