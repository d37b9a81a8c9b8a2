//! The whole language with random input: no panic, a bounded number of diagnostics and every one of them printable in
//! both forms, within a bounded time.
//!
//! It is here rather than in `proxy-config` because this crate has the keywords of all others, so their arguments are
//! tried, too. Under plain `cargo test` a few thousand random texts are tried; a failure prints the seed that repeats
//! it. For a longer run:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=300000 \
//!     cargo test --release -p proxy-cli --test fuzz_configuration
//! ```
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bolero::check;
use proto_core::Registry;
use proto_core::address::Environment;
use proto_mptcp as _;
use proto_quic_stub as _;
use proto_tcp as _;
use proto_unix as _;
use proxy_cli as _;
use proxy_config::condition::{Facts, Version};
use proxy_config::diagnostic::{Form, render};
use proxy_config::{Diagnostics, Kind, Language, Reader, Sources, Variables};

/// The number of random texts in a short run: about two seconds of an unoptimised build.
const SHORT_RUN: usize = 1_000;
/// The bytes of one random text.
const LONGEST: usize = 512;
/// Far more than a text of that length takes, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most bytes of all diagnostics of such a text: a line is shown in part, and there are at most as many as the
/// program keeps.
const MOST_OUTPUT: usize = 8 << 20;

/// Words that mean something somewhere, and some that are likely to break a parser.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "a", "b", "s1", "from", "tcp", "http", "0", "1", "-1", "65536", "4294967296", "99999999999999999999", "10s", "30d",
    "1.5s", "5m", "16k", "9999999p", "127.0.0.1:80", ":80,:81", ":90-80", ":1-65535", "[::1]:443", "mptcp@:80",
    "quic4@:443", "mtcp@:80", "unix@/a", "abns@x", "fd@3", "fd@${FD}", "192.0.2.1:+1", "name.invalid:80", "stdout",
    "global", "local0", "info", "len", "format", "raw", "sample", "1,3-5:8", "roundrobin", "random(2)", "prefer",
    "require", "last,libc,none", "auto:1/1-4", "0-3", "all", "odd", "\"$A\"", "\"${A-x y}\"", "\"${LIST[*]}\"",
    "\"${NO}\"", "\"\"", "'", "\"", "\\", "\\x4", "\\xff", "#", "ä", "feature(THREAD)", "streq(a,a)", "!", "(((", "if",
    "unless", "{", "}", "\u{7f}", "\u{202e}",
];

/// Words that begin a line besides keywords and sections.
#[rustfmt::skip]
const FRAME: &[&str] = &[
    ".if", ".elif", ".else", ".endif", ".notice", ".warning", ".alert", ".diag", ".frob", "peers", "frob", "no",
    "default",
];

static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::linked().expect("the transports fit together"));
static LANGUAGE: LazyLock<Language> =
    LazyLock::new(|| Language::linked(&REGISTRY).expect("keywords are unique"));
/// All keywords of sections and lines, and the words above: the pieces of structured texts.
static PIECES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let directives = LANGUAGE.directives().map(|entry| entry.name);
    let parameters = LANGUAGE.parameters().iter().map(|entry| entry.name);
    let transports = REGISTRY.keywords().map(|keyword| keyword.name);
    let known: BTreeSet<&str> =
        directives.chain(parameters).chain(transports).chain(Kind::ALL.map(Kind::name)).collect();
    assert!(known.contains("cpu-map") && known.contains("balance"), "the keywords of all crates are here");
    known.into_iter().chain(FRAME.iter().copied()).chain(WORDS.iter().copied()).collect()
});

struct Program;

impl Facts for Program {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").expect("a version")
    }

    fn feature(&self, name: &str) -> bool {
        name == "THREAD"
    }

    fn enabled(&self, name: &str) -> bool {
        name == "SPLICE"
    }

    fn defined(&self, _name: &str) -> bool {
        unreachable!("the reader knows its variables")
    }
}

impl Environment for Program {
    fn var(&self, name: &str) -> Option<String> {
        match name {
            "A" => Some("one".to_owned()),
            "LIST" => Some(" a  b c ".to_owned()),
            _ => None,
        }
    }
}

fn check_text(text: &[u8]) {
    let begun = Instant::now();
    let mut sources = Sources::default();
    sources.add("whole.cfg", text);
    // Two more files, so that state that is kept from file to file is tried, too.
    let (first, second) = text.split_at(text.len() / 2);
    sources.add("first.cfg", first);
    sources.add("second.cfg", second);
    let variables = Variables::over(&Program);
    let reader = Reader {
        language: &LANGUAGE,
        registry: &REGISTRY,
        variables: &variables,
        facts: &Program,
        any_port: false,
    };
    let mut diagnostics = Diagnostics::default();
    let _ = reader.read(&sources, &mut diagnostics);
    let mut printed = 0;
    for diagnostic in diagnostics.sorted() {
        let line = render(&diagnostic, &sources, Form::Script { pid: 1 });
        assert_eq!(line.matches('\n').count(), 1, "one line for a script: {line:?}");
        let person = render(&diagnostic, &sources, Form::Person { colour: false });
        for text in [&line, &person] {
            let upsets = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(text.ends_with('\n') && !text.contains(upsets), "{text:?}");
            printed += text.len();
        }
    }
    assert!(printed <= MOST_OUTPUT, "{printed} bytes of diagnostics");
    assert!(begun.elapsed() < PATIENCE, "it took {:?}", begun.elapsed());
}

#[test]
fn any_bytes() {
    check!().with_iterations(SHORT_RUN).with_max_len(LONGEST).for_each(|bytes: &[u8]| check_text(bytes));
}

/// Makes a text in which two bytes select a piece, followed by a space or a line feed, so that every keyword is tried
/// with any argument.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::new();
    for pair in bytes.chunks_exact(2) {
        let number = usize::from(u16::from_le_bytes([pair[0], pair[1]]));
        text.push_str(PIECES[number % PIECES.len()]);
        // A line has about five words.
        text.push(if (number / PIECES.len()).is_multiple_of(5) { '\n' } else { ' ' });
    }
    text
}

#[test]
fn random_keywords() {
    check!().with_iterations(SHORT_RUN).with_max_len(LONGEST).for_each(|bytes: &[u8]| {
        let text = text_of(bytes);
        // Without a section most lines would only be reported as out of section.
        for section in
            ["global\n", "defaults\n", "listen l\n", "frontend f\nbind :80 ", "backend b\nserver s :80 "]
        {
            check_text(format!("{section}{text}").as_bytes());
        }
    });
}
