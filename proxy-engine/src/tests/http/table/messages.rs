//! Rows about messages that are forwarded unchanged.

use super::{get, ok, post};
use crate::tests::http::message::Message;
use crate::tests::http::script::Step::*;
use crate::tests::http::script::{Row, row};

pub(in crate::tests::http) fn messages() -> Vec<Row> {
    let passed = |name, request: Message, answer: Message| {
        let steps = [Brings(request), Returns(answer), Logs("200 -- 0")];
        row(name, "", steps)
    };
    let long = vec![b'x'; 300_000];
    let pieces = Message::unknown("POST /a", b"abc", &[("x", "y")]);
    let (early, interim) = (Message::new("103").with("link", "</a>"), Message::new("102"));
    let expecting = post().with("expect", "100-continue");
    vec![
        passed("a request and its answer", get().with("b", "c").with("b", "d"), ok().with("e", "f")),
        passed("a body of a known length", post(), ok()),
        passed("a body of no length", Message::known("POST /a", b""), Message::known("200", b"")),
        passed("an unknown length, with trailers", pieces, ok()),
        passed(
            "an answer of an unknown length, with trailers",
            get(),
            Message::unknown("200", b"abc", &[("x", "y")]),
        ),
        passed("much both ways", Message::known("PUT /a", &long), Message::unknown("200", &long, &[])),
        passed("a method that nobody knows", Message::new("STROLL *"), ok()),
        passed("HEAD", Message::new("HEAD /"), Message::new("200").with("content-length", "5")),
        row("no content", "", [Brings(get()), Returns(Message::new("204")), Logs("204 -- 0")]),
        row(
            "not modified",
            "",
            [Brings(get()), Returns(Message::new("304").with("content-length", "5")), Logs("304 -- 0")],
        ),
        row(
            "interim answers",
            "",
            [
                Brings(get()),
                Returns(early),
                After(100),
                Answers(interim.clone()),
                Answers(ok()),
                Gets(interim),
                Gets(ok()),
                Logs("200 -- 100"),
            ],
        ),
        row(
            "a body that is waited for",
            "",
            [
                Begins(expecting.clone(), 0),
                AskedPart(expecting.clone(), 0),
                Returns(Message::new("100")),
                GoesOn,
                Asked(expecting.clone()),
                Returns(ok()),
                Logs("200 -- 0"),
            ],
        ),
        row(
            "a body that the proxy waits for",
            " option http-buffer-request",
            [
                Begins(expecting, 0),
                Gets(Message::new("100")),
                After(10),
                GoesOn,
                Asked(post()),
                Returns(ok()),
                Logs("200 -- 10"),
            ],
        ),
        row(
            "an answer before the end of the request",
            "",
            [
                Begins(post(), 1),
                AskedPart(post(), 1),
                Returns(ok()),
                After(10),
                GoesOn,
                Asked(post()),
                Logs("200 -- 10"),
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 0"),
            ],
        ),
        row(
            "a body that ends with its connection",
            "",
            [
                Brings(get()),
                AnswersToTheEnd(Message::unknown("200", b"abc", &[])),
                Gets(Message::unknown("200", b"abc", &[])),
                Logs("200 -- 0"),
                Asks(get()),
                AskedAnew(get()),
            ],
        ),
    ]
}
