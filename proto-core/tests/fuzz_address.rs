//! Fuzzes the address parser: no panic, every error has a place in the text, and an address that was read is printed
//! as a text that reads the same.
//!
//! With plain `cargo test`, one test tries every combination of three pieces of the language, and the other a few
//! thousand random texts; if that fails, it prints the seed that repeats the failure. For a longer run:
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p proto-core --test fuzz_address
//! ```
//!
//! With `cargo-bolero` installed, `cargo bolero test random_pieces --manifest-path proto-core/Cargo.toml` searches
//! with a coverage-guided engine.

use std::sync::{Arc, LazyLock};

use bolero::check;
use proto_core::address::{Address, AddressError, Environment, Parser, PortRule, Rules, UNIX_PATH_MAX};
use proto_core::family::Family;
use proto_core::prefix::{Prefix, Target};
use proto_core::protocol::{Descriptor, Kind, Protocol, Slot, SocketType};
use proto_core::{Registration, Registry};

/// The number of random texts in a short run, which takes about a second in an unoptimised build.
const SHORT_RUN: usize = 5_000;

const PLACES: &[Rules] = &[
    Rules::BIND,
    Rules::BIND.with_any_port(),
    Rules::SERVER,
    Rules::SOURCE,
    Rules::LOG,
    Rules::NAME_SERVER,
    Rules { port: PortRule::Forbidden, ..Rules::SERVER },
];

/// Pieces that have a meaning for the parser, and some that are difficult for one.
const PIECES: &[&str] = &[
    "",
    "tcp@",
    "mptcp6@",
    "ipv4@",
    "unix@",
    "abns@",
    "abnsz@",
    "fd@",
    "rhttp@",
    "tpc@",
    "stream+",
    "dgram+",
    "quic+",
    "@",
    "+",
    "-",
    ":",
    "::",
    "[",
    "]",
    "*",
    "/",
    "%",
    "$",
    "${",
    "}",
    "$A",
    "${NONE}",
    "0",
    "80",
    "65536",
    "::1",
    "[::1]",
    "192.0.2.1",
    "a.example",
    "x",
    ",",
    " ",
    "\0",
    "ä",
];

struct Variables;

impl Environment for Variables {
    fn var(&self, name: &str) -> Option<String> {
        (name == "A").then(|| "ä:@[$".to_owned())
    }
}

#[derive(Debug)]
struct Stub(Descriptor);

impl Protocol for Stub {
    fn descriptor(&self) -> &Descriptor {
        &self.0
    }
}

const fn stub(
    name: &'static str,
    kind: Kind,
    families: &'static [Family],
    row: SocketType,
    slot: Slot,
) -> Descriptor {
    Descriptor { name, kind, families, place: Some((row, slot)), help: "" }
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    use SocketType::{Datagram, Stream};
    const UNIX: &[Family] = &[Family::UNIX, Family::ABNS, Family::ABNSZ];
    let language = Registration {
        protocols: &[
            || Arc::new(Stub(stub("tcp", Kind::Stream, Family::INTERNET, Stream, Slot::Default))),
            || Arc::new(Stub(stub("mptcp", Kind::Stream, Family::INTERNET, Stream, Slot::Alternate))),
            || Arc::new(Stub(stub("quic", Kind::Multiplexed, Family::INTERNET, Datagram, Slot::Default))),
            || Arc::new(Stub(stub("unix", Kind::Stream, UNIX, Stream, Slot::Default))),
        ],
        prefixes: const {
            &[
                Prefix::slot("tcp@", Family::INTERNET, Stream, Slot::Default, ""),
                Prefix::slot("mptcp6@", &[Family::INET6], Stream, Slot::Alternate, ""),
                Prefix::modifier("quic+", Datagram, Some(Target::Slot(Slot::Default)), ""),
            ]
        },
        ..Registration::new("fuzz")
    };
    Registry::build([language]).expect("the stubs fit together")
});

fn check_place(error: &AddressError, text: &str) {
    assert_eq!(error.text, text);
    assert!(text.is_char_boundary(error.offset), "{error:?}");
    assert!((1..=text.chars().count() + 1).contains(&error.column()), "{error:?}");
    assert!(!error.to_string().contains(char::is_control), "{error:?}");
}

fn check_text(text: &str) {
    for rules in PLACES {
        let parser = Parser::new(&REGISTRY, rules);
        match parser.parse_expanded(text) {
            Err(error) => check_place(&error, text),
            Ok(spec) => {
                assert_eq!(parser.parse_expanded(&spec.to_string()).as_ref(), Ok(&spec), "{text:?}");
                for address in spec.addresses().unwrap_or_default() {
                    match address {
                        Address::Inet(_) => {}
                        other => assert!(other.to_string().len() <= UNIX_PATH_MAX + "abnsz@".len()),
                    }
                }
            }
        }
        if let Err(error) = parser.parse(text, &Variables) {
            check_place(&error, text);
        }
        for error in parser.parse_list(text, &Variables).err().unwrap_or_default() {
            check_place(&error, text);
        }
    }
}

#[test]
fn any_three_pieces() {
    let mut text = String::new();
    for first in PIECES {
        for second in PIECES {
            for third in PIECES {
                text.clear();
                text.extend([first, second, third].into_iter().copied());
                check_text(&text);
            }
        }
    }
}

/// Returns a text in which each byte is a piece or itself, so that a fuzzing engine can reach both.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match PIECES.get(usize::from(byte).wrapping_sub(0x80)) {
            Some(piece) => text.push_str(piece),
            None => text.push(char::from(byte)),
        }
    }
    text
}

#[test]
fn random_pieces() {
    check!().with_iterations(SHORT_RUN).with_max_len(64).for_each(|bytes: &[u8]| {
        check_text(&text_of(bytes));
    });
}
