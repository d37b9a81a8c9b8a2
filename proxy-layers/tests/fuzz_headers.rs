//! The readers with random input: no panic, no verdict that further bytes change, no length beyond the input, and
//! what is read of version 2 is what its bytes say.
//!
//! Under plain `cargo test` a few thousand random inputs are tried, the same ones each time. For a longer run:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p proxy-layers --test fuzz_headers
//! ```
//!
//! With `cargo-bolero` installed, `cargo bolero test random_headers --manifest-path proxy-layers/Cargo.toml` has a
//! coverage-guided engine look for them.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

use std::fmt::Debug;

use bolero::check;
use proxy_layers::{HEADER_MAX, Progress, Refused, netscaler, proxy_protocol, socks4};

/// The number of random headers in a short run: about a second of an unoptimised build.
const SHORT_RUN: usize = 5_000;
const MAGIC: u32 = 0x1234_5678;

/// The pieces of headers that the first byte values stand for.
const PIECES: &[&[u8]] = &[
    b"PROXY ",
    b"TCP4 ",
    b"TCP6 ",
    b"UNKNOWN",
    b"\r\n",
    b"192.0.2.1",
    b"2001:db8::1",
    b" 1111",
    b" ",
    b"\r\n\r\n\0\r\nQUIT\n",
    b"\x21\x11\0",
    b"\x21\x21\0\x24",
    b"\x20\0\0",
    b"\x21\0\x0a\0",
    b"\x03\0\x04\0\0\0\0",
    b"\x02\0\x01",
    b"\x12\x34\x56\x78",
    b"\0\0\0\x28",
    b"\0\x01\0\x28",
    b"\x45\0\0\0\0\0\0\0\0\x06\0\0",
    b"\x60\0\0\0\0\0\x06\0",
    b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
];

/// Expands an input: each byte is a piece or itself, so that an engine can find both.
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

/// Reads each beginning of `wire`; a header does not change, however many bytes follow it.
fn check_reader<T: PartialEq + Debug>(wire: &[u8], read: impl Fn(&[u8]) -> Result<Progress<T>, Refused>) {
    let mut before: Option<Progress<T>> = None;
    for end in 0..=wire.len() {
        let now = read(&wire[..end]);
        match (&before, &now) {
            (Some(done), now) => assert_eq!(now.as_ref(), Ok(done), "{wire:x?} up to {end}"),
            (None, Ok(Progress::NeedMore { at_least })) => assert!(*at_least > 0),
            (None, Ok(Progress::Done { length, .. })) => assert!(*length <= end),
            (None, Err(_)) => {}
        }
        if let Ok(done @ Progress::Done { .. }) = now {
            before = Some(done);
        }
    }
}

fn check_values(wire: &[u8]) {
    if let Ok(Progress::Done { length, header }) = proxy_protocol::parse(wire, HEADER_MAX) {
        let bytes: usize = header.tlvs().map(|tlv| 3 + tlv.value.len()).sum();
        let addresses = if header.addresses().is_some_and(|both| both.source.is_ipv4()) { 12 } else { 36 };
        match header.version() {
            proxy_protocol::Version::V1 => assert_eq!(bytes, 0),
            proxy_protocol::Version::V2 if header.addresses().is_none() => assert_eq!(16 + bytes, length),
            proxy_protocol::Version::V2 => assert_eq!(16 + addresses + bytes, length),
        }
    }
}

#[test]
fn random_headers() {
    check!().with_iterations(SHORT_RUN).with_max_len(64).for_each(|bytes: &[u8]| {
        let wire = wire(bytes);
        for limit in [40, HEADER_MAX] {
            check_reader(&wire, |bytes| proxy_protocol::parse(bytes, limit));
            check_reader(&wire, |bytes| netscaler::parse(bytes, MAGIC, limit));
        }
        check_reader(&wire, socks4::parse);
        check_values(&wire);
    });
}

/// Beginnings that random bytes hardly reach.
#[test]
fn random_rest() {
    check!().with_iterations(SHORT_RUN).with_max_len(64).for_each(|bytes: &[u8]| {
        for beginning in ["PROXY TCP4 ", "PROXY TCP6 ", "\r\n\r\n\0\r\nQUIT\n\x21\x11\0", "\x12\x34\x56\x78"]
        {
            let wire = [beginning.as_bytes(), &wire(bytes)].concat();
            check_reader(&wire, |bytes| proxy_protocol::parse(bytes, HEADER_MAX));
            check_reader(&wire, |bytes| netscaler::parse(bytes, MAGIC, HEADER_MAX));
            check_values(&wire);
        }
    });
}
