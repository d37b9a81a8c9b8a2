//! The readers with arbitrary input: no panic, no result that more bytes change, and nothing from outside of the input.
//!
//! Under plain `cargo test` a few thousand random inputs are tried, the same ones each time. For a longer run:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p proxy-tls --test fuzz_hello
//! ```
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod common;

use bolero::check;
use common::{laws, records, vector};

/// Random inputs in a short run: about a second of an unoptimised build.
const SHORT_RUN: usize = 5_000;

/// Pieces of hellos, which the bytes from 0x80 on select.
const PIECES: &[&[u8]] = &[
    b"\x16\x03\x01\0\x40",
    b"\x16\x03\x03\0\x05",
    b"\x01\0\0\x3c",
    b"\x01\0\0\x01",
    b"\x03\x03",
    b"\0\0\0\x08\0\x06\0\0\x03a.b",
    b"\0\x0a\0\x04\0\x02\0\x1d",
    b"\0\x0b\0\x02\x01\0",
    b"\0\x0d\0\x04\0\x02\x04\x03",
    b"\0\x10\0\x05\0\x03\x02h2",
    b"\0\x23\0\0",
    b"\0\x2b\0\x03\x02\x03\x04",
    b"\0\x33\0\x08\0\x06\0\x1d\0\x02ab",
    b"\0\x33\0\x06",
    b"\xff\xff",
    b"\0\0",
    b"\x01\0",
    b"\0\x02\x13\x01",
    b"\x80\x1c\x01\x03\x01\0\x03\0\0\0\x10",
    b"0123456789abcdef",
];

/// Converts each byte to a piece or to itself, so that a fuzzing engine reaches both.
fn wire(bytes: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    for byte in bytes {
        match PIECES.get(usize::from(*byte).wrapping_sub(0x80)) {
            Some(piece) => wire.extend(*piece),
            None => wire.push(*byte),
        }
    }
    wire
}

#[test]
fn random_bytes() {
    check!().with_iterations(SHORT_RUN).with_max_len(48).for_each(|bytes: &[u8]| laws(&wire(bytes)));
}

/// Hellos with a valid beginning, in records of random sizes.
#[test]
fn random_rest() {
    check!().with_iterations(SHORT_RUN).with_max_len(48).for_each(|bytes: &[u8]| {
        let fixed = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0x13, 1], &[1, 0]].concat();
        let size = 1 + usize::from(bytes.first().copied().unwrap_or(0));
        let rest = wire(bytes);
        for body in [[&fixed[..], &rest].concat(), [&fixed[..], &vector(2, &rest)].concat()] {
            laws(&records(1, &body, size));
        }
    });
}
