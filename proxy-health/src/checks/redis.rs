//! `option redis-check`: the server answers a PING.

use proxy_config::{Line, Parsed};

use super::entry::check;
use crate::plan::Choice;
use crate::rules::{Expect, Note, Pattern, RuleList, Send};
use crate::status::Status;

check!("redis-check", "", "check servers with a PING of Redis", choose);

fn choose(_: &mut Line<'_, '_>) -> Parsed<Choice> {
    let pong = Expect {
        error_status: Some(Status::Layer7Status),
        on_error: Some(Note::Line(0)),
        on_success: Some(Note::Text("Redis server is ok")),
        ..Expect::new(Pattern::Text((*b"+PONG\r\n").into()))
    };
    let ping = Send::Bytes((*b"*1\r\n$4\r\nPING\r\n").into());
    Ok(Choice::protocol(RuleList::default().send(ping).expect(pong)))
}
