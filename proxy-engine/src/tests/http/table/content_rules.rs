//! Rows about content rules, which reject without a reply, and wait for more of a message.

use super::{get, ok, post};
use crate::tests::http::message::Message;
use crate::tests::http::script::Step::*;
use crate::tests::http::script::{Row, row};

const REQUEST_WAITS: &str = " tcp-request inspect-delay 2s\n tcp-request content accept if WAIT_END";
const RESPONSE_WAITS: &str = " tcp-response inspect-delay 2s\n tcp-response content accept if WAIT_END";

pub(in crate::tests::http) fn content_rules() -> Vec<Row> {
    let long = Message::known("200", &[b'x'; 100_000]);
    let end = [Gets(ok()), Logs("200 -- 2000")];
    let ahead = |steps: Vec<_>| [steps, end.to_vec()].concat();
    vec![
        row(
            "rejected",
            " tcp-request content reject if { path /a }\n http-request deny if { path /a }",
            [Brings(get()), Returns(ok()), Logs("200 -- 0"), Asks(post()), IsDone, Logs("- PR 0")],
        ),
        row(
            "rejected with the request on its way",
            " tcp-request content reject",
            [Begins(post(), 1), IsDone, Logs("- PR 0")],
        ),
        row(
            "accepted, and then denied",
            " tcp-request content accept\n tcp-request content reject\n http-request deny",
            [Asks(get()), GetsError("403"), Logs("403 PR 0")],
        ),
        row(
            "a response rejected",
            " tcp-response content reject if { status 200 }",
            [Brings(get()), Answers(ok()), IsLeft, IsDone, Logs("- PD 0")],
        ),
        row(
            "a variable goes on",
            " tcp-request content set-var(txn.a) path\n http-response set-header x-a %[var(txn.a)]",
            [Brings(get()), Answers(ok()), Gets(ok().with("x-a", "/")), Logs("200 -- 0")],
        ),
        row(
            "a request waits",
            REQUEST_WAITS,
            ahead(vec![Asks(get()), After(1000), Asked(get()), Answers(ok())]),
        ),
        row(
            "a request waits with its body",
            REQUEST_WAITS,
            ahead(vec![Begins(post(), 1), After(1000), GoesOn, Asked(post()), Answers(ok())]),
        ),
        row(
            "a request that fills the buffer waits no longer",
            REQUEST_WAITS,
            [Brings(Message::known("POST /", &[b'x'; 100_000])), Returns(ok()), Logs("200 -- 0")],
        ),
        row(
            "rejected after a wait",
            " tcp-request inspect-delay 2s\n tcp-request content reject if WAIT_END",
            [Asks(get()), IsDone, Logs("- PR 2000")],
        ),
        row(
            "no wait without a delay",
            " tcp-request content reject unless WAIT_END\n tcp-response content reject unless WAIT_END",
            [Brings(get()), Returns(ok()), Logs("200 -- 0")],
        ),
        row(
            "a client breaks off in a wait",
            REQUEST_WAITS,
            [Begins(post(), 1), After(100), Breaks, Logs("- CR 100")],
        ),
        row(
            "a client that is silent for too long in a wait",
            " tcp-request inspect-delay 2m\n tcp-request content accept if WAIT_END",
            [Begins(post(), 1), GetsError("400"), IsDone, Logs("400 cR 5000")],
        ),
        row("a response waits", RESPONSE_WAITS, ahead(vec![Brings(get()), Answers(ok())])),
        row(
            "a response waits, and the connection is used again",
            RESPONSE_WAITS,
            [
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 2000"),
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 2000"),
            ],
        ),
        row(
            "a response waits from the connection on",
            RESPONSE_WAITS,
            [Brings(get()), After(1000), Returns(ok()), Logs("200 -- 2000")],
        ),
        row(
            "a response that fills the buffer waits no longer",
            RESPONSE_WAITS,
            [Brings(get()), Returns(long), Logs("200 -- 0")],
        ),
        row(
            "a response without a body waits",
            RESPONSE_WAITS,
            [Brings(get()), Returns(Message::new("204")), Logs("204 -- 2000")],
        ),
        row(
            "a server that breaks off in a wait",
            RESPONSE_WAITS,
            [
                Brings(get()),
                AnswersPart(Message::known("200", b"abc"), 2),
                Closes,
                GetsPart(Message::known("200", b"abc"), 2),
                IsCutOff,
                Logs("200 SD 0"),
            ],
        ),
        row(
            "a server that is silent for too long in a wait",
            " tcp-response inspect-delay 2m\n tcp-response content accept if WAIT_END",
            [
                Brings(get()),
                AnswersPart(Message::known("200", b"abc"), 2),
                GetsPart(Message::known("200", b"abc"), 2),
                IsCutOff,
                Logs("200 sD 1500"),
            ],
        ),
        row(
            "a response rejected after a wait",
            " tcp-response inspect-delay 2s\n tcp-response content reject if WAIT_END",
            [Brings(get()), Answers(ok()), IsLeft, IsDone, Logs("- PD 2000")],
        ),
    ]
}
