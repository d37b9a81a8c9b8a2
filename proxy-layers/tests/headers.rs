//! The readers give the verdicts of the tables of headers.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod table;

use std::net::SocketAddr;

use proxy_layers::proxy_protocol::{self, Header};
use proxy_layers::{Addresses, HEADER_MAX, Progress, Refused, netscaler};
use table::{Row, Then, Verdict, rows};

const MAGIC: u32 = 0x1234_5678;
/// What follows a header.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
/// A lower bound for the number of rows, so that a table that is not read fails the test.
const PROXY_ROWS: usize = 70;

/// Feeds a row as it arrives from the network, and returns what such a connection is refused for, or the header
/// with the bytes that follow it.
fn patient<T>(
    row: &Row,
    parse: impl Fn(&[u8]) -> Result<Progress<T>, Refused>,
    ended: fn(&[u8]) -> Refused,
) -> Result<(T, Vec<u8>), Refused> {
    let mut received = Vec::new();
    for (index, piece) in row.pieces.iter().enumerate() {
        received.extend(piece);
        if row.then == Then::Request && index + 1 == row.pieces.len() {
            received.extend(REQUEST);
        }
        if let Progress::Done { length, header } = parse(&received)? {
            for (later, piece) in row.pieces.iter().enumerate().skip(index + 1) {
                received.extend(piece);
                assert_eq!(later, index + 1, "{}: pieces after the header", row.name);
            }
            return Ok((header, received.split_off(length)));
        }
    }
    Err(ended(&received))
}

/// Checks that what follows the header is what was sent after it.
fn check_rest(row: &Row, rest: &[u8]) {
    match row.then {
        Then::Request => assert_eq!(rest, REQUEST, "{}", row.name),
        Then::Close | Then::Wait => assert!(rest.is_empty(), "{}", row.name),
    }
}

fn refused(refused: Refused) -> Verdict {
    Verdict::Refused {
        code: refused.code.map(|code| code.name().to_owned()),
        shown: refused.addresses.map(|addresses| addresses.source),
    }
}

fn both(addresses: &Addresses) -> (SocketAddr, SocketAddr) {
    (addresses.source, addresses.destination)
}

/// Returns the verdict of the readers; `values` are the types that the row names.
fn proxy(row: &Row) -> Verdict {
    let parse = |bytes: &[u8]| proxy_protocol::parse(bytes, HEADER_MAX);
    let (header, rest): (Header, _) = match patient(row, parse, proxy_protocol::ended) {
        Ok(done) => done,
        Err(error) => return refused(error),
    };
    check_rest(row, &rest);
    let Verdict::Accepted { values, .. } = &row.patient else { panic!("{}: {header:?}", row.name) };
    let values = values.iter().filter_map(|(kind, _)| Some((*kind, header.value(*kind)?.to_vec()))).collect();
    Verdict::Accepted { told: header.addresses().map(both), values }
}

fn cip(row: &Row) -> Verdict {
    let parse = |bytes: &[u8]| netscaler::parse(bytes, MAGIC, HEADER_MAX);
    match patient(row, parse, netscaler::ended) {
        Err(error) => refused(error),
        Ok((addresses, rest)) => {
            check_rest(row, &rest);
            Verdict::Accepted { told: Some(both(&addresses)), values: Vec::new() }
        }
    }
}

fn check(rows: &[Row], timeout: &str, read: impl Fn(&Row) -> Verdict) {
    for row in rows {
        // A timeout needs a clock, which the readers do not have.
        if row.patient != (Verdict::Refused { code: Some(timeout.to_owned()), shown: None }) {
            assert_eq!(read(row), row.patient, "{}", row.name);
        }
    }
}

#[test]
fn proxy_headers_are_read_as_the_table_says() {
    let rows = rows(include_str!("headers.txt"));
    assert!(rows.len() >= PROXY_ROWS, "only {} rows", rows.len());
    check(&rows, "PRX_TIMEOUT", proxy);
}

#[test]
fn netscaler_headers_are_read_as_the_table_says() {
    check(&rows(include_str!("netscaler.txt")), "CIP_TIMEOUT", cip);
}

/// HAProxy's verdict on a header in pieces is the verdict on its first piece.
#[test]
fn without_waiting_the_verdict_is_that_of_haproxy() {
    let first = |row: &Row| {
        let pieces: Vec<_> = row.pieces.iter().take(1).cloned().collect();
        let then = if row.pieces.len() > 1 { Then::Wait } else { row.then };
        Row { pieces, then, ..row.clone() }
    };
    let once = |rows: Vec<Row>| -> Vec<Row> {
        rows.iter().map(|row| Row { patient: row.verdict.clone(), ..first(row) }).collect()
    };
    check(&once(rows(include_str!("headers.txt"))), "PRX_TIMEOUT", proxy);
    check(&once(rows(include_str!("netscaler.txt"))), "CIP_TIMEOUT", cip);
}

#[test]
fn every_split_of_an_accepted_header_gives_the_same() {
    let whole = |row: &Row| row.pieces.concat();
    for row in rows(include_str!("headers.txt")).iter().filter(|row| accepted(row)) {
        let wire = whole(row);
        let done = proxy_protocol::parse(&wire, HEADER_MAX);
        assert!(matches!(&done, Ok(Progress::Done { length, .. }) if *length == wire.len()), "{}", row.name);
        for end in 0..wire.len() {
            let progress = proxy_protocol::parse(&wire[..end], HEADER_MAX);
            assert!(matches!(progress, Ok(Progress::NeedMore { .. })), "{}: {progress:?} of {end}", row.name);
        }
    }
    for row in rows(include_str!("netscaler.txt")).iter().filter(|row| accepted(row)) {
        let wire = whole(row);
        let done = netscaler::parse(&wire, MAGIC, HEADER_MAX);
        assert!(matches!(&done, Ok(Progress::Done { length, .. }) if *length == wire.len()), "{}", row.name);
        for end in 0..wire.len() {
            let progress = netscaler::parse(&wire[..end], MAGIC, HEADER_MAX);
            assert!(matches!(progress, Ok(Progress::NeedMore { .. })), "{}: {progress:?} of {end}", row.name);
        }
    }
}

fn accepted(row: &Row) -> bool {
    matches!(row.patient, Verdict::Accepted { .. })
}
