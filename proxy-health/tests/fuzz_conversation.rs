//! Checks of servers that send anything: no panic, bounded memory, and an end.
//!
//! Under plain `cargo test` a few thousand random servers are tried, the same ones each time. For a longer run:
//!
//! ```text
//! BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p proxy-health --test fuzz_conversation
//! ```

mod common;

use std::sync::{Arc, LazyLock};

use bolero::check;
use common::{ruleset, run};
use proxy_health::{Conversation, Next, Outcome, Ruleset, Run, agent};

/// Random servers in a short run: about two seconds of an unoptimised build.
const SHORT_RUN: usize = 20_000;

/// The size of a buffer: small, so that random responses reach it.
const BUFFER: usize = 300;

/// Each kind of check, and each kind of expectation.
static RULES: LazyLock<Vec<Arc<Ruleset>>> = LazyLock::new(|| {
    let steps = [
        "",
        "option redis-check",
        "option smtpchk EHLO a",
        "option ldap-check",
        "option mysql-check",
        "option mysql-check user u post-80",
        "option pgsql-check user u",
        "option ssl-hello-chk",
        "option httpchk",
        "option httpchk HEAD / HTTP/1.1\n http-check disable-on-404\n http-check expect ! rstatus ^5",
        "option httpchk GET /\n http-check expect string abc on-success \"%[res.hdr(a)] %[status]\"",
        "option httpchk GET /\n http-check expect rstring a+b status-code status on-error \"%[res.fhdr(b),lower]\"",
        "option httpchk GET /\n http-check expect hdr name -m reg ^a value -m sub b\n http-check expect ! fhdr name-lf \
         %[str(c)] value-lf -m end %[srv_name]",
        "option httpchk GET /\n http-check connect\n http-check send\n http-check expect string-lf \"%[srv_name]\"\n http-check connect\n http-check send uri-lf \
         /%[status]\n http-check expect min-recv 3 string b",
        "option tcp-check\n tcp-check expect ! string bad\n tcp-check set-var(check.a) res.payload(0,2)\n tcp-check \
         expect string-lf \"%[var(check.a)]\"\n tcp-check send-lf \"%[var(check.a)]\"\n tcp-check expect rbinary ^6",
        "option tcp-check\n tcp-check connect\n tcp-check expect min-recv 5 rstring a(b|c)*d on-error \"%[res.payload_lv(0,1)]\" status-code \
         res.payload(0,3)\n tcp-check connect port res.payload(0,2)\n tcp-check send-binary-lf \"%[res.len]\"",
        "option tcp-check\n tcp-check expect binary 6162\n tcp-check expect binary-lf \"%[res.payload(0,1),hex]\"",
    ];
    let agents = [None, Some("hello")].map(|text| Arc::new(agent::question(text)));
    steps.into_iter().map(ruleset).chain(agents).collect()
});

/// Pieces of responses, which the bytes from 0x80 on select.
const PIECES: &[&[u8]] = &[
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 404 \r\n",
    b"HTTP/1.1 503 No\r\n",
    b"content-length: 5\r\n",
    b"content-length: 999999999\r\n",
    b"transfer-encoding: chunked\r\n",
    b"a: ab\r\n",
    b"b: X\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"5\r\nabcde\r\n",
    b"0\r\n\r\n",
    b"+PONG\r\n",
    b"220 hi\r\n",
    b"250-a\r\n",
    b"250 b\r\n",
    b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0",
    b"\x30\x84\0\0\0\x10",
    b"\x05\0\0\0\x0a8.0\0",
    b"\x03\0\0\x01\xff\x01\x02",
    b"R\0\0\0\x08\0\0\0\0",
    b"E\0\0\0\x20SFATAL\0",
    b"\x16\x03\0\0\x01",
    b"up 50%% maxconn:9 # fine\n",
    b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    b"bad",
    b"\xff\xff\xff\xff",
];

/// What a byte stands for.
enum Event<'a> {
    Send(&'a [u8]),
    End,
    Fail,
    TimeOut,
}

fn events(bytes: &[u8]) -> impl Iterator<Item = Event<'_>> {
    bytes.iter().map(|byte| match byte {
        0 => Event::End,
        1 => Event::Fail,
        2 => Event::TimeOut,
        byte => {
            let piece = PIECES.get(usize::from(*byte).wrapping_sub(0x80));
            Event::Send(piece.copied().unwrap_or(std::slice::from_ref(byte)))
        }
    })
}

/// Plays a server that sends these events, as far as they are read. Without any left it closes its connections.
fn play(rules: &Arc<Ruleset>, bytes: &[u8]) {
    let mut conversation = Conversation::new(Arc::clone(rules), Run { buffer: BUFFER, ..run() });
    let mut events = events(bytes);
    let mut coming: Vec<u8> = Vec::new();
    // Each step of a check opens at most one connection, writes at most a buffer and reads at most a buffer.
    for _ in 0..10 * 2 * (BUFFER + bytes.len() + 2) {
        assert!(conversation.response().len() <= BUFFER, "more is kept than a buffer holds");
        match conversation.next(None) {
            Next::Connect(_) => {
                coming.clear();
                conversation.connected(false);
            }
            Next::Write(bytes) => {
                assert!(!bytes.is_empty() && bytes.len() <= BUFFER);
                let count = bytes.len().min(100);
                conversation.wrote(count);
            }
            Next::Read(room) => {
                assert!((1..=BUFFER).contains(&room));
                if coming.is_empty() {
                    match events.next() {
                        Some(Event::Send(piece)) => coming.extend_from_slice(piece),
                        Some(Event::End) | None => conversation.ended(),
                        Some(Event::Fail) => conversation.failed("it failed"),
                        Some(Event::TimeOut) => conversation.timed_out(),
                    }
                }
                let count = coming.len().min(room);
                conversation.received(&coming[..count]);
                coming.drain(..count);
            }
            Next::Done(result) => {
                assert_ne!(result.status.outcome(), Outcome::Unknown);
                assert!(result.info.len() < 128);
                let again = matches!(conversation.next(None), Next::Done(same) if same == result);
                assert!(again, "the result stays");
                let _ = agent::AgentReply::parse(conversation.response()).map(|reply| reply.result(None));
                return;
            }
        }
    }
    panic!("the check does not end");
}

#[test]
fn random_servers() {
    check!().with_iterations(SHORT_RUN).with_max_len(24).for_each(|bytes: &[u8]| {
        RULES.iter().for_each(|rules| play(rules, bytes));
    });
}

/// A caller that tells things in any order gets no panic, either.
#[test]
fn random_callers() {
    check!().with_iterations(SHORT_RUN).with_max_len(24).for_each(|bytes: &[u8]| {
        for rules in RULES.iter() {
            let mut conversation = Conversation::new(Arc::clone(rules), Run { buffer: BUFFER, ..run() });
            for byte in bytes {
                match byte % 8 {
                    0 => conversation.handshaking(),
                    1 => conversation.connected(byte % 3 == 0),
                    2 => conversation.wrote(usize::from(*byte)),
                    3 if byte % 3 == 0 => conversation.ended(),
                    4 if byte % 5 == 0 => conversation.failed("it failed"),
                    5 if byte % 5 == 0 => conversation.timed_out(),
                    6 => {
                        let _ = conversation.next(None);
                    }
                    _ => conversation.received(PIECES[usize::from(*byte) % PIECES.len()]),
                }
                assert!(conversation.response().len() <= BUFFER);
            }
        }
    });
}

#[test]
fn random_agents() {
    check!().with_iterations(SHORT_RUN).with_max_len(24).for_each(|bytes: &[u8]| {
        const WORDS: &[&str] = &[
            "up", "down", "maint", "ready", "drain", "fail", "stopped", "50%", "maxconn:", "weight:", "#",
            " ", ",", "\n",
        ];
        let mut line = Vec::new();
        for byte in bytes {
            match WORDS.get(usize::from(*byte).wrapping_sub(0x80)) {
                Some(word) => line.extend_from_slice(word.as_bytes()),
                None => line.push(*byte),
            }
        }
        line.push(b'\n');
        if let Some(reply) = agent::AgentReply::parse(&line) {
            assert!(reply.result(Some("refused")).info.len() < 128);
        }
    });
}

#[test]
fn all_rules_are_read() {
    assert!(RULES.len() > 10);
}
