//! Rows about failures of clients and servers.

use super::{get, ok, post};
use crate::tests::http::message::Message;
use crate::tests::http::script::Step::*;
use crate::tests::http::script::{Row, row};

pub(in crate::tests::http) fn failures() -> Vec<Row> {
    let long = Message::known("200", &[b'x'; 100]);
    let pieces = Message::unknown("200", b"abc", &[]);
    vec![
        row("no server", "", [Refuses, Asks(get()), GetsError("503"), Logs("503 SC 1800")]),
        row(
            "no backend",
            "",
            [LeadsNowhere, LogsEither("- CR 0", "400 CR 0"), Asks(get()), GetsError("503"), Logs("503 SC 0")],
        ),
        row("no answer", "", [Brings(get()), Closes, GetsError("502"), Logs("502 SH 0")]),
        row(
            "no answer, and asked again",
            " retry-on empty-response",
            [Brings(post()), Closes, Asked(post()), Returns(ok()), Logs("200 -- 0")],
        ),
        row(
            "an answer that is not wanted",
            " retry-on 503",
            [
                Brings(post()),
                Answers(Message::known("503", b"no")),
                AskedAnew(post()),
                Returns(ok()),
                Logs("200 -- 0"),
            ],
        ),
        row("no message for an answer", "", [Brings(get()), AnswersJunk, GetsError("502"), Logs("502 PH 0")]),
        row(
            "half an answer",
            "",
            [
                Brings(get()),
                AnswersPart(long.clone(), 10),
                GetsPart(long.clone(), 10),
                Closes,
                IsCutOff,
                Logs("200 SD 0"),
            ],
        ),
        row(
            "junk for a body",
            "",
            [Brings(get()), AnswersPart(pieces.clone(), 0), AnswersJunk, GetsError("502"), Logs("502 PH 0")],
        ),
        row(
            "junk in an answer",
            "",
            [
                Brings(get()),
                AnswersPart(pieces.clone(), 3),
                GetsPart(pieces, 3),
                AnswersJunk,
                IsCutOff,
                Logs("200 PD 0"),
            ],
        ),
        row(
            "a client that leaves",
            "",
            [Brings(get()), After(100), Leaves, IsLeft, GetsError("400"), IsDone, Logs("400 CH 100")],
        ),
        row(
            "a client that may leave",
            " no option abortonclose",
            [Brings(get()), Leaves, After(100), Returns(ok()), IsDone, Logs("200 -- 100")],
        ),
        row(
            "a client that breaks off",
            "",
            [
                Brings(get()),
                AnswersPart(long.clone(), 10),
                GetsPart(long.clone(), 10),
                After(100),
                Breaks,
                IsLeft,
                Logs("200 CD 100"),
            ],
        ),
        row(
            "half a request",
            "",
            [
                Begins(post(), 1),
                AskedPart(post(), 1),
                Leaves,
                IsLeft,
                GetsError("400"),
                IsDone,
                Logs("400 CH 0"),
            ],
        ),
        row("junk in a request", "", {
            let pieces = Message::unknown("POST /a", b"abc", &[]);
            [
                Begins(pieces.clone(), 3),
                AskedPart(pieces, 3),
                Babbles,
                IsLeft,
                GetsError("400"),
                IsDone,
                Logs("400 PH 0"),
            ]
        }),
        row(
            "half a head",
            " timeout http-request 2s",
            [After(100), Hesitates(get()), GetsError("408"), IsDone, Logs("408 cR 1900")],
        ),
        row(
            "no further request",
            " timeout http-keep-alive 2s",
            [Brings(get()), Returns(ok()), Logs("200 -- 0"), IsDone],
        ),
        row(
            "a body that does not come",
            " option http-buffer-request\n timeout http-request 2s",
            [Begins(post(), 1), GetsError("408"), IsDone, Logs("408 cR 2000")],
        ),
        row(
            "a body that stalls",
            "",
            [Begins(post(), 1), AskedPart(post(), 1), IsLeft, GetsError("400"), IsDone, Logs("400 cH 5000")],
        ),
        row("a server that says nothing", "", [Brings(get()), GetsError("504"), IsLeft, Logs("504 sH 1500")]),
        row(
            "a server that stalls",
            "",
            [
                Brings(get()),
                AnswersPart(long.clone(), 10),
                GetsPart(long, 10),
                IsCutOff,
                IsLeft,
                Logs("200 sD 1500"),
            ],
        ),
    ]
}
