//! Helpers for the tests of checks: configurations from text, and a server that plays its part.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use proto_core::address::Address;
use proto_tcp as _;
use proto_unix as _;
use proxy_config::{Configuration, testing};
pub(crate) use proxy_health::Run;
use proxy_health::lines::Reason;
use proxy_health::{CheckPlace, CheckPlan, CheckResult, Conversation, Next, Ruleset};

/// The size of a buffer.
pub(crate) const BUFFER: usize = 16 * 1024;

/// Returns a configuration, and what was reported about it: `A7 message; help`.
pub(crate) fn read(text: &str) -> (Configuration, Vec<String>) {
    let reading = testing::read(text);
    let said = reading.in_short();
    (reading.configuration, said)
}

/// Returns what is reported about the lines of a backend, which begin at line 2.
pub(crate) fn said(lines: &str) -> Vec<String> {
    read(&format!("backend b\n{lines}\n")).1
}

/// Returns the rules of a backend with these lines, of which nothing is reported.
pub(crate) fn ruleset(lines: &str) -> Arc<Ruleset> {
    ruleset_after("", lines)
}

/// Does the same for a backend after other sections.
pub(crate) fn ruleset_after(before: &str, lines: &str) -> Arc<Ruleset> {
    let text = format!("{before}\nbackend b\n{lines}\n  server s 127.0.0.1:80\n");
    let (configuration, said) = read(&text);
    assert_eq!(said, Vec::<String>::new(), "{text}");
    let section = configuration.proxies.into_iter().last().unwrap();
    Arc::new(section.get::<CheckPlan>().map_or_else(Ruleset::plain, CheckPlan::ruleset))
}

/// Returns the circumstances of a run.
pub(crate) fn run() -> Run {
    let address = |text: &str| Address::Inet(text.parse().unwrap());
    let place = CheckPlace {
        backend: "b".into(),
        server: "s".into(),
        address: address("127.0.0.1:80"),
        source: address("0.0.0.0:0"),
    };
    Run { place: Arc::new(place), buffer: BUFFER, is_up: true, state: None, variables: Default::default() }
}

/// What a server does on one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Server<'a> {
    /// It refuses the connection.
    Refuses,
    /// It sends each text once it has received the one before it, and closes the connection then.
    Says(&'a [(&'a str, &'a [u8])]),
    /// The same, and it leaves the connection open.
    Holds(&'a [(&'a str, &'a [u8])]),
    /// The same, and it resets the connection.
    Resets(&'a [(&'a str, &'a [u8])]),
}

/// The end of a run: what the server has received, and the result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) received: Vec<u8>,
    pub(crate) result: CheckResult,
}

impl Ended {
    /// Returns the result as a log line shows it, without the beginning.
    pub(crate) fn reason(&self) -> String {
        Reason(&self.result).to_string().strip_prefix(", reason: ").unwrap().to_owned()
    }
}

/// Plays a run to its end, with the bytes of the server in pieces of at most this size.
pub(crate) fn play(rules: &Arc<Ruleset>, run: Run, server: Server<'_>, piece: usize) -> Ended {
    let mut conversation = Conversation::new(Arc::clone(rules), run);
    let mut received = Vec::new();
    let mut coming: Vec<u8> = Vec::new();
    let mut since = 0;
    let mut said = 0;
    // A check is bounded: it ends long before this.
    for _ in 0..100_000 {
        match conversation.next(None) {
            Next::Done(result) => return Ended { received, result },
            Next::Connect(_) => {
                (coming, since, said) = (Vec::new(), received.len(), 0);
                match server {
                    Server::Refuses => {
                        let refused = std::io::Error::from_raw_os_error(111);
                        conversation.failed(&proxy_health::conversation::describe(&refused));
                    }
                    _ => conversation.connected(false),
                }
            }
            Next::Write(bytes) => {
                assert!(!bytes.is_empty(), "there is nothing to write");
                let count = bytes.len().min(piece);
                received.extend_from_slice(&bytes[..count]);
                conversation.wrote(count);
            }
            Next::Read(room) => {
                assert!(room > 0, "there is no room");
                let (Server::Says(script) | Server::Holds(script) | Server::Resets(script)) = server else {
                    panic!("it reads without a connection");
                };
                while coming.is_empty()
                    && let Some((wanted, reply)) = script.get(said)
                    && contains(&received[since..], wanted.as_bytes())
                {
                    coming.extend_from_slice(reply);
                    said += 1;
                }
                if !coming.is_empty() {
                    let count = coming.len().min(piece).min(room);
                    conversation.received(&coming[..count]);
                    coming.drain(..count);
                    continue;
                }
                match server {
                    Server::Says(_) if said == script.len() => conversation.ended(),
                    Server::Resets(_) if said == script.len() => {
                        let reset = std::io::Error::from_raw_os_error(104);
                        conversation.failed(&proxy_health::conversation::describe(&reset));
                    }
                    _ => conversation.timed_out(),
                }
            }
        }
    }
    panic!("the check does not end");
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}
