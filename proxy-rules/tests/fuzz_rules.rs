//! Random rules: no panic, every mistake has a place, and what was read can be evaluated.
//!
//! For a longer run:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p proxy-rules --test fuzz_rules
//! ```
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use bolero::check;
use common::{frontend, read, request, with};
use proxy_rules::{HookPoint, SectionRules};

/// The number of random lines in a short run: about a second of an unoptimised build.
const SHORT_RUN: usize = 3_000;

/// Pieces with a meaning, and some that are invalid.
const PIECES: &[&str] = &[
    " ",
    " if ",
    " unless ",
    " { ",
    " } ",
    " or ",
    "!",
    "||",
    "TRUE",
    "src ",
    "path",
    "_beg ",
    "_reg ",
    "hdr(",
    "host",
    ")",
    "(",
    ",",
    ",lower",
    ",field(",
    ",length",
    "-1",
    "1",
    "9",
    "%",
    "%[",
    "]",
    "%{",
    "+Q",
    "}",
    "%ci",
    "%%",
    "%o",
    "var(",
    "txn.",
    "x",
    " -m ",
    "str ",
    "int ",
    "found ",
    " -i ",
    " -- ",
    "gt ",
    "1:2 ",
    "10.0.0.0/8 ",
    "::/0 ",
    "'",
    "\"",
    "\\",
    "[",
    "*",
    "/",
    ".",
    "url_param(",
    "é",
    "set-header x ",
    "set-var(",
    "set-path ",
    "deny ",
    "replace-value x ",
    "del-header ",
    "\\x41",
    "\\1",
];

/// The number of lines that were valid rules.
static ACCEPTED: AtomicUsize = AtomicUsize::new(0);

#[test]
fn whatever_comes() {
    check!().with_iterations(SHORT_RUN).with_type::<Vec<u8>>().for_each(|bytes: &Vec<u8>| {
        let tail: String =
            bytes.iter().take(40).map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect();
        for begin in [
            "http-request ",
            "http-request allow if { ",
            "http-request set-header x ",
            "acl a ",
            "use_backend ",
        ] {
            let (configuration, said) = read(&frontend(&format!("  {begin}{tail}")));
            if said.is_empty() {
                ACCEPTED.fetch_add(1, Ordering::Relaxed);
            }
            let Some(rules) = configuration.proxies[0].get::<SectionRules>() else { continue };
            let mut request = request("GET /a?b=c|host: www.example.com|x: a, b");
            with(&mut request, |context| rules.at(HookPoint::HttpRequest).run(context));
        }
    });
    assert!(ACCEPTED.load(Ordering::Relaxed) > 0, "some are rules");
}
