//! Conditions about bytes in mode tcp with random bytes in pieces: no panic, nothing waits once no more bytes can
//! arrive, and the final result of the rules is the same as when all bytes arrive at once.
//!
//! For a longer run:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p proxy-rules --test fuzz_bytes
//! ```
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bolero::check;
use common::{Client, rules};
use proxy_rules::{Buffered, Context, HookPoint, RuleSet, Variables};

/// The number of random texts and bytes in a short run: about a second of an unoptimised build.
const SHORT_RUN: usize = 2_000;

/// Tests of bytes.
const TESTS: &[&str] = &[
    "{ req.len gt 3 }",
    "{ req.len eq 0 }",
    "!{ req.len lt 8 }",
    "{ req.payload(0,2) -m len 2 }",
    "{ req.payload(3,0) -m found }",
    "{ req.payload(0,0),hex -m beg 16 }",
    "{ req.payload_lv(0,1) -m found }",
    "{ req.payload_lv(1,2,0) -m found }",
    "{ req.payload_lv(2,2,+3) -m len 1 2 3 }",
    "{ req.payload_lv(4,4,-2) -m found }",
    "{ payload(1,1),hex -m str FF }",
    "{ payload_lv(0,8) -m found }",
    "HTTP",
    "TRUE",
];

/// How often rules waited, and how often they decided.
static WAITED: AtomicUsize = AtomicUsize::new(0);
static DECIDED: AtomicUsize = AtomicUsize::new(0);

/// Returns the result of rules with these bytes; `None` if one waits.
fn outcome(rules: &RuleSet, bytes: &[u8], may_grow: bool) -> Option<String> {
    let (client, mut variables, mut scratch) = (Client::default(), Variables::default(), Vec::new());
    let mut context = Context::new(&client, &mut variables, &mut scratch);
    context.request_bytes = Some(Buffered { bytes, may_grow });
    context.request_is_coming = may_grow;
    let verdict = rules.inspect(&mut context)?;
    Some(format!("{verdict:?} {:?}", context.last_rule))
}

#[test]
fn bytes_in_pieces() {
    check!().with_iterations(SHORT_RUN).with_type::<(Vec<u8>, Vec<u8>)>().for_each(
        |(choices, bytes): &(Vec<u8>, Vec<u8>)| {
            let test = |choice: &u8| TESTS[usize::from(*choice) % TESTS.len()];
            let action = |choice: &u8| if choice.is_multiple_of(2) { "accept" } else { "reject" };
            let line = |pair: &[u8]| match pair {
                [first, second] => {
                    format!("  tcp-request content {} if {} {}", action(first), test(first), test(second))
                }
                _ => "  tcp-request content set-var(txn.n) req.len".to_owned(),
            };
            let lines: Vec<String> = choices.chunks(2).take(4).map(line).collect();
            let rules = rules(&lines.join("\n")).at(HookPoint::TcpRequest).clone();
            let whole = outcome(&rules, bytes, false);
            assert!(whole.is_some(), "nothing waits once no more can come: {lines:?}");
            for end in 0..=bytes.len() {
                match outcome(&rules, &bytes[..end], true) {
                    None => {
                        WAITED.fetch_add(1, Relaxed);
                    }
                    Some(_) => {
                        DECIDED.fetch_add(1, Relaxed);
                        return;
                    }
                }
            }
            let (client, mut variables, mut scratch) = (Client::default(), Variables::default(), Vec::new());
            let mut context = Context::new(&client, &mut variables, &mut scratch);
            context.request_bytes = Some(Buffered { bytes, may_grow: false });
            let last = rules.run(&mut context);
            assert_eq!(whole, Some(format!("{last:?} {:?}", context.last_rule)), "{lines:?}");
        },
    );
    assert!(WAITED.load(Relaxed) > 0 && DECIDED.load(Relaxed) > 0, "some wait and some decide");
}
