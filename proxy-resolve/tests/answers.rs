//! What is made of messages: answers, failures, and anything that somebody else may send. The messages are made by hand,
//! so that both sides do not share a mistake.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::IpAddr;

use bolero::check;
use proxy_resolve::message::{Answer, Data, Question, Read, RecordType, query, read};
use proxy_resolve::{DomainName, Failure};

/// Random messages in a short run.
const SHORT_RUN: usize = 50_000;
const ID: u16 = 0x1234;
const PAYLOAD: usize = 512;

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn question(text: &str, records: RecordType) -> Question {
    Question { name: name(text), records }
}

fn labels(text: &str) -> Vec<u8> {
    let labels = text.split('.').flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

/// A message: flags, the question, and records.
struct Message {
    flags: u16,
    question: (&'static str, u16),
    answers: Vec<Vec<u8>>,
    additional: Vec<Vec<u8>>,
}

const ANSWER: u16 = 0x8180;
const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;
const SRV: u16 = 33;

impl Message {
    fn new(question: (&'static str, u16), answers: Vec<Vec<u8>>) -> Message {
        Message { flags: ANSWER, question, answers, additional: Vec::new() }
    }

    fn bytes(&self) -> Vec<u8> {
        let counts = [1, self.answers.len(), 0, self.additional.len()].map(|count| count as u16);
        let mut bytes: Vec<u8> =
            [ID, self.flags].into_iter().chain(counts).flat_map(u16::to_be_bytes).collect();
        bytes.extend(labels(self.question.0));
        bytes.extend([self.question.1, 1].iter().flat_map(|number| number.to_be_bytes()));
        bytes.extend(self.answers.iter().chain(&self.additional).flatten());
        bytes
    }
}

fn record(owner: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = labels(owner);
    bytes.extend([kind, 1, 0, 60, data.len() as u16].iter().flat_map(|number| number.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn address(owner: &str, ip: &str) -> Vec<u8> {
    match ip.parse().unwrap() {
        IpAddr::V4(ip) => record(owner, A, &ip.octets()),
        IpAddr::V6(ip) => record(owner, AAAA, &ip.octets()),
    }
}

fn server(owner: &str, weight: u16, port: u16, target: &str) -> Vec<u8> {
    let mut data: Vec<u8> = [7, weight, port].iter().flat_map(|number: &u16| number.to_be_bytes()).collect();
    data.extend(labels(target));
    record(owner, SRV, &data)
}

fn read_a(message: &Message) -> Read {
    read(&message.bytes(), ID, &question("a.test", RecordType::A), PAYLOAD)
}

fn answer(ips: &[&str]) -> Read {
    let records = ips.iter().map(|ip| Data::Address(ip.parse().unwrap())).collect();
    Read::Answer(Answer { records, additional: Vec::new() })
}

#[test]
fn a_question_is_one_that_servers_understand() {
    let asked = query(ID, &question("a.test", RecordType::Aaaa), 1232);
    let mut expected = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    expected.extend(labels("a.test"));
    expected.extend([0, 28, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    assert_eq!(asked, expected);
}

#[test]
fn addresses_are_at_the_end_of_a_chain_of_names() {
    let asked = ("a.test", A);
    let chain = |links: usize| {
        let links: Vec<String> = (0..links).map(|at| format!("c{at}.test")).collect();
        let names: Vec<&str> = ["a.test"].into_iter().chain(links.iter().map(|name| &**name)).collect();
        let cnames = names.windows(2).map(|pair| record(pair[0], CNAME, &labels(pair[1])));
        cnames.chain([address(names[names.len() - 1], "192.0.2.1")]).collect::<Vec<_>>()
    };
    let broken = Read::Failed(Failure::BrokenChain);
    for (answers, expected) in [
        (
            vec![address("A.Test", "192.0.2.1"), address("a.test", "192.0.2.2")],
            answer(&["192.0.2.1", "192.0.2.2"]),
        ),
        (chain(1), answer(&["192.0.2.1"])),
        (chain(16), answer(&["192.0.2.1"])),
        (chain(17), broken.clone()),
        (vec![address("b.test", "192.0.2.1")], Read::Failed(Failure::Invalid)),
        (vec![record("a.test", CNAME, &labels("b.test")), address("c.test", "192.0.2.1")], broken.clone()),
        (vec![record("a.test", CNAME, &labels("b.test"))], broken.clone()),
        // A loop of names, and one of compression.
        (vec![record("a.test", CNAME, &labels("a.test")); 20], broken.clone()),
        (vec![record("a.test", CNAME, &[0xc0, 12])], broken),
        (vec![record("a.test", A, &[1, 2, 3])], Read::Failed(Failure::Invalid)),
        (vec![], Read::Failed(Failure::NoRecords)),
    ] {
        assert_eq!(read_a(&Message::new(asked, answers.clone())), expected, "{answers:?}");
    }
}

#[test]
fn a_code_says_why_there_is_no_answer() {
    let with = |flags: u16| read_a(&Message { flags: ANSWER | flags, ..Message::new(("a.test", A), vec![]) });
    for (flags, expected) in [
        (3, Read::Failed(Failure::NoSuchName)),
        (5, Read::Failed(Failure::Refused)),
        (2, Read::Failed(Failure::Other)),
        (0x0200, Read::Truncated),
        (0x0203, Read::Failed(Failure::NoSuchName)),
    ] {
        assert_eq!(with(flags), expected, "{flags:#x}");
    }
}

#[test]
fn only_an_answer_to_the_question_is_one() {
    let good = || Message::new(("a.test", A), vec![address("a.test", "192.0.2.1")]);
    assert_eq!(read_a(&good()), answer(&["192.0.2.1"]));
    let bytes = good().bytes();
    let asked = question("a.test", RecordType::A);
    assert_eq!(read(&bytes, ID + 1, &asked, PAYLOAD), Read::Outdated);
    for (message, what) in [
        (Message { question: ("b.test", A), ..good() }, "another name"),
        (Message { question: ("a.test", AAAA), ..good() }, "another type"),
        (Message { flags: 0x0100, ..good() }, "a question"),
        (Message { question: ("b.test", A), flags: ANSWER | 3, ..good() }, "a failure of another name"),
    ] {
        assert_eq!(read_a(&message), Read::Foreign, "{what}");
    }
    let twice = {
        let mut bytes = bytes.clone();
        bytes[5] = 2;
        bytes
    };
    assert_eq!(read(&twice, ID, &asked, PAYLOAD), Read::Foreign);
    for length in 0..bytes.len() {
        let read = read(&bytes[..length], ID, &asked, PAYLOAD);
        assert!(matches!(read, Read::Foreign | Read::Failed(Failure::Invalid)), "{length}: {read:?}");
    }
    // More records than a message of the accepted size can have.
    let many = Message { answers: vec![address("a.test", "192.0.2.1"); 84], ..good() };
    assert_eq!(read_a(&many), Read::Failed(Failure::Invalid));
}

#[test]
fn services_have_servers_and_perhaps_their_addresses() {
    let owner = "_http._tcp.test";
    let message = Message {
        additional: vec![address("s1.test", "192.0.2.1"), address("other.test", "2001:db8::1")],
        ..Message::new((owner, SRV), vec![server(owner, 0, 80, "S1.test"), server(owner, 512, 81, "s2.test")])
    };
    let expected = Read::Answer(Answer {
        records: vec![
            Data::Server { target: name("s1.test"), port: 80, weight: 0 },
            Data::Server { target: name("s2.test"), port: 81, weight: 512 },
        ],
        additional: vec![
            (name("s1.test"), "192.0.2.1".parse().unwrap()),
            (name("other.test"), "2001:db8::1".parse().unwrap()),
        ],
    });
    let asked = question(owner, RecordType::Srv);
    assert_eq!(read(&message.bytes(), ID, &asked, PAYLOAD), expected);
}

/// Random bytes after a valid header and question, and answers with random changes: no panic, and nothing is taken for an
/// answer that has another id or question.
#[test]
fn hostile_bytes_are_no_answers() {
    let owner = "_http._tcp.test";
    let seeds = [
        Message::new(
            ("a.test", A),
            vec![record("a.test", CNAME, &labels("b.test")), address("b.test", "192.0.2.1")],
        ),
        Message {
            additional: vec![address("s1.test", "192.0.2.1")],
            ..Message::new((owner, SRV), vec![server(owner, 1, 80, "s1.test")])
        },
    ];
    let questions = [question("a.test", RecordType::A), question(owner, RecordType::Srv)];
    let seeds = seeds.map(|seed| seed.bytes());
    check!().with_type::<(bool, Vec<(u16, u8)>, Vec<u8>)>().with_iterations(SHORT_RUN).for_each(
        |(is_service, changes, tail)| {
            let which = usize::from(*is_service);
            let mut bytes = seeds[which].clone();
            for (place, byte) in changes {
                let place = usize::from(*place) % bytes.len();
                bytes[place] = *byte;
            }
            bytes.extend(tail);
            let made = read(&bytes, ID, &questions[which], PAYLOAD);
            if bytes[..2] != ID.to_be_bytes() {
                assert_eq!(made, Read::Outdated);
            }
            if let Read::Answer(answer) = made {
                assert!(answer.records.len() <= 83, "{answer:?}");
            }
            let _ = read(tail, ID, &questions[which], PAYLOAD);
        },
    );
}
