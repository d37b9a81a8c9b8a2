//! Conditions with arbitrary input: no panic, every error has a place in the text, and a parsed condition prints as a
//! text that parses to the same condition.
//!
//! Under plain `cargo test` one test tries every combination of three pieces of the language, the same ones each time,
//! and the other a few thousand random ones; a failure of that prints the seed that repeats it. For a longer run:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p proxy-config --test fuzz_condition
//! ```

use bolero::check;
use proxy_config::condition::{
    ConditionError, Expression, Facts, OpensslVersion, SslLibrary, Version, evaluate,
};

/// Random texts in a short run: about a second of an unoptimised build.
const SHORT_RUN: usize = 20_000;

/// Pieces that have a meaning for the parser, and some that are likely to break one.
const PIECES: &[&str] = &[
    "",
    " ",
    "\t",
    "\n",
    "!",
    "(",
    ")",
    "&&",
    "||",
    "&",
    "|",
    ",",
    "\"",
    "'",
    "\\",
    "0",
    "1",
    "-1",
    "+",
    "0x",
    "99999999999999999999",
    "streq(",
    "defined",
    "fips_mode",
    "feature(THREAD)",
    "strstr(ab,b)",
    "version_atleast(",
    "3.5-dev5",
    "openssl_version_before(1.1.1k)",
    "awslc_api_atleast(",
    "sterq",
    "a",
    "ä",
    "\0",
];

struct Program;

impl Facts for Program {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").expect("a version")
    }

    fn feature(&self, name: &str) -> bool {
        name == "THREAD"
    }

    fn enabled(&self, name: &str) -> bool {
        name == "a"
    }

    fn defined(&self, name: &str) -> bool {
        name == "a"
    }

    fn ssl_library(&self) -> Option<SslLibrary> {
        let version = OpensslVersion(0x1010_100f);
        Some(SslLibrary { name: "AWS-LC".to_owned(), version, awslc_api: Some(1), fips_mode: true })
    }
}

fn check_place(error: &ConditionError, text: &str) {
    assert_eq!(error.text, text);
    assert!(error.span.start <= error.span.end, "{error:?}");
    assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end), "{error:?}");
    assert!((1..=text.chars().count() + 1).contains(&error.column()), "{error:?}");
    assert!(!error.to_string().contains(char::is_control), "{error:?}");
}

fn check_text(text: &str) {
    let result = evaluate(text, &Program);
    if let Err(error) = &result {
        check_place(error, text);
    }
    match Expression::parse(text) {
        Err(error) => assert_eq!(result, Err(error)),
        Ok(None) => assert_eq!(text, ""),
        Ok(Some(expression)) => {
            let printed = expression.to_string();
            assert_eq!(Expression::parse(&printed), Ok(Some(expression)), "{text:?} {printed:?}");
            assert_eq!(evaluate(&printed, &Program).ok(), result.ok(), "{text:?} {printed:?}");
        }
    }
}

#[test]
fn any_three_pieces() {
    for first in PIECES {
        for second in PIECES {
            for third in PIECES {
                check_text(&[*first, *second, *third].concat());
            }
        }
    }
}

/// Converts each byte to a piece or to itself, so that a fuzzing engine reaches both.
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
