//! Rows about the reuse and the end of connections.

use super::{get, ok, post};
use crate::tests::http::message::Message;
use crate::tests::http::script::Step::*;
use crate::tests::http::script::{Row, row};

pub(in crate::tests::http) fn connections() -> Vec<Row> {
    let not_found = Message::unknown("404", b"no", &[]);
    vec![
        row(
            "three on one",
            "",
            [
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 0"),
                After(100),
                Brings(post()),
                Returns(not_found),
                Logs("404 -- 0"),
                Brings(Message::new("HEAD /b")),
                Returns(Message::new("200")),
                Logs("200 -- 0"),
                Leaves,
                IsDone,
            ],
        ),
        row(
            "asked before they are answered",
            "",
            [
                Asks(post()),
                Asks(get()),
                Asked(post()),
                Answers(ok()),
                Asked(get()),
                Answers(Message::known("404", b"")),
                Gets(ok()),
                Gets(Message::known("404", b"")),
                Logs("200 -- 0"),
                Logs("404 -- 0"),
            ],
        ),
        row(
            "a server's for two clients",
            " http-reuse always",
            [
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 0"),
                NextClient,
                Brings(post()),
                Returns(ok()),
                Logs("200 -- 0"),
            ],
        ),
        row(
            "a server's for one client",
            " http-reuse never",
            [
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 0"),
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 0"),
                NextClient,
                Asks(post()),
                AskedAnew(post()),
                Returns(ok()),
                Logs("200 -- 0"),
            ],
        ),
        row(
            "closed on the server's side",
            " option http-server-close",
            [
                Brings(get()),
                Returns(ok()),
                IsLeft,
                Logs("200 -- 0"),
                Brings(get()),
                Returns(ok()),
                IsLeft,
                Logs("200 -- 0"),
            ],
        ),
        row(
            "closed on both sides",
            " option httpclose",
            [Brings(get()), Returns(ok()), IsDone, IsLeft, Logs("200 -- 0")],
        ),
        row(
            "idle and closed by the server",
            "",
            [
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 0"),
                Closes,
                After(10),
                Asks(get()),
                AskedAnew(get()),
                Returns(ok()),
                Logs("200 -- 0"),
            ],
        ),
        row(
            "used again and closed without an answer",
            "",
            [Brings(get()), Returns(ok()), Logs("200 -- 0"), Brings(get()), Closes, IsDone],
        ),
        row(
            "a tunnel by an upgrade",
            "",
            [
                Brings(get().with("upgrade", "bytes")),
                Returns(Message::new("101").with("upgrade", "bytes")),
                Says(b"ping"),
                Told(b"ping"),
                Replies(b"pong"),
                Hears(b"pong"),
                Leaves,
                IsLeft,
                IsDone,
                Logs("101 -- 0"),
            ],
        ),
        row(
            "a tunnel that is refused",
            "",
            [
                Brings(get().with("upgrade", "bytes")),
                Returns(ok()),
                Logs("200 -- 0"),
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 0"),
            ],
        ),
        row(
            "a tunnel by CONNECT",
            "",
            [
                Brings(Message::new("CONNECT a:80")),
                Returns(Message::new("200")),
                Replies(b"pong"),
                Hears(b"pong"),
                Says(b"ping"),
                Told(b"ping"),
                Closes,
                IsDone,
                Leaves,
                Logs("200 -- 0"),
            ],
        ),
        row("a slow client", "", {
            let long = Message::known("200", &vec![b'x'; 1024 * 1024]);
            [Brings(get()), Answers(long.clone()), IsHeldUp(512 * 1024), GetsSlowly(long), Logs("200 --")]
        }),
    ]
}
