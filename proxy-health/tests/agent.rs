//! Questions to an agent: what is sent, and when the answer is complete.

mod common;

use std::sync::Arc;

use common::Server::{self, Holds, Refuses, Says};
use common::{play, run};
use proxy_health::{Status, agent};

fn ask(text: Option<&str>, server: Server<'_>) -> (String, Status, String) {
    let rules = Arc::new(agent::question(text));
    let mut ends = [usize::MAX, 1].map(|piece| play(&rules, run(), server, piece)).into_iter();
    let ended = ends.next().expect("a run");
    assert_eq!(ends.next().as_ref(), Some(&ended), "in pieces");
    let result = ended.result;
    let info = String::from_utf8_lossy(&result.info).into_owned();
    (String::from_utf8_lossy(&ended.received).into_owned(), result.status, info)
}

#[test]
fn the_answer_is_a_line() {
    let checked = |sent: &str| (sent.to_owned(), Status::Checked, String::new());
    assert_eq!(ask(None, Holds(&[("", b"up\n")])), checked(""));
    assert_eq!(ask(Some("hi%[be_name]"), Holds(&[("hi", b"up\r\n")])), checked("hi%[be_name]"));
    let invalid = |text: &str| (String::new(), Status::Layer7Invalid, text.to_owned());
    assert_eq!(ask(None, Says(&[("", b"up")])), invalid("Ignoring incomplete line from agent"));
    assert_eq!(ask(None, Says(&[])), invalid("TCPCHK got an empty response at step 2"));
    assert_eq!(ask(None, Holds(&[("", b"up")])).1, Status::Layer7Timeout);
    assert_eq!(ask(None, Refuses).1, Status::Layer4Failed);
}

#[test]
fn the_answer_is_kept_for_its_reader() {
    let rules = Arc::new(agent::question(None));
    let mut conversation = proxy_health::Conversation::new(rules, run());
    assert!(matches!(conversation.next(None), proxy_health::Next::Connect(_)));
    conversation.connected(false);
    assert!(matches!(conversation.next(None), proxy_health::Next::Read(_)));
    conversation.received(b"down # closed\n");
    assert!(matches!(conversation.next(None), proxy_health::Next::Done(_)));
    let reply = agent::AgentReply::parse(conversation.response()).expect("an answer");
    assert_eq!(&*reply.result(None).info, b"via agent : down (closed)");
}
