//! `option ssl-hello-chk`: the server answers a ClientHello of SSLv3 with a handshake message or an alert. Nothing is
//! negotiated: this tells only that something there speaks SSL.

use std::time::{SystemTime, UNIX_EPOCH};

use proxy_config::{Line, Parsed};

use super::entry::check;
use crate::plan::Choice;
use crate::rules::{Custom, Expect, Pattern, RuleList, Send};
use crate::status::Status;

check!("ssl-hello-chk", "", "check servers with a hello of SSLv3", choose);

fn choose(_: &mut Line<'_, '_>) -> Parsed<Choice> {
    let answer = Expect {
        least: Some(RECORD_HEADER),
        ok_status: Some(Status::Layer6Ok),
        error_status: Some(Status::Layer6Invalid),
        timeout_status: Some(Status::Layer6Timeout),
        ..Expect::new(Pattern::Custom(answer))
    };
    Ok(Choice::protocol(RuleList::default().send(Send::Made(hello)).expect(answer)))
}

/// The length of the header of a record.
const RECORD_HEADER: usize = 5;
/// The types of the records that are an answer: an alert, a handshake message.
const ANSWERS: [u8; 2] = [0x15, 0x16];

fn answer(bytes: &[u8], _: bool) -> Custom {
    match bytes.first() {
        Some(kind) if ANSWERS.contains(kind) => Custom::Continue,
        _ => Custom::Failed(Status::Layer6Invalid, 0, Vec::new()),
    }
}

/// The first and the last cipher suite of each range that is offered (RFC 2246, appendix A.5, and RFC 3268).
const SUITES: [(u16, u16); 2] = [(0x01, 0x1b), (0x2f, 0x3a)];
/// The bytes that the protocol calls random, after the time. They are the same in every check: no session follows.
const RANDOM: &[u8; 28] = b"HAPROXYSSLCHK\nHAPROXYSSLCHK\n";

fn hello() -> Vec<u8> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let suites: Vec<u8> =
        SUITES.into_iter().flat_map(|(first, last)| first..=last).flat_map(u16::to_be_bytes).collect();
    // SSLv3, the time in 32 bits, random bytes, no session.
    let mut body = vec![3, 0];
    body.extend_from_slice(&time.to_be_bytes()[4..]);
    body.extend_from_slice(RANDOM);
    body.push(0);
    body.extend_from_slice(&length(&suites));
    body.extend_from_slice(&suites);
    // One method of compression: none.
    body.extend_from_slice(&[1, 0]);
    // A handshake message of type 1, in a record of type 22 of SSLv3.
    let mut message = vec![1, 0];
    message.extend_from_slice(&length(&body));
    message.extend_from_slice(&body);
    let mut record = vec![0x16, 3, 0];
    record.extend_from_slice(&length(&message));
    record.extend_from_slice(&message);
    record
}

fn length(bytes: &[u8]) -> [u8; 2] {
    // What is sent is about a hundred bytes long.
    u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes()
}
