//! Rows about replies of the proxy, and about rules that change messages.

use super::{get, ok, post};
use crate::tests::http::message::Message;
use crate::tests::http::script::Step::*;
use crate::tests::http::script::{Row, row};

pub(in crate::tests::http) fn rules() -> Vec<Row> {
    let welcome = Message::known("200", b"welcome").with("content-type", "text/plain").with("x-last", "1");
    vec![
        row(
            "denied",
            " http-request deny if { path_beg /a }",
            [
                Asks(Message::new("GET /a")),
                GetsError("403"),
                Logs("403 PR 0"),
                Brings(get()),
                Returns(ok()),
                Logs("200 -- 0"),
            ],
        ),
        row(
            "rules about replies that fail",
            concat!(
                " http-request set-var(txn.path) path\n",
                " http-request return status 200 content-type text/plain string welcome\n",
                " http-after-response set-header x-last 1\n",
                " http-after-response del-header x-secret if { var(txn.path) -m reg ^/(a+)+$ }",
            ),
            [
                Asks(Message::new("GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")),
                GetsError("500"),
                Logs("500 IH 0"),
                Asks(Message::new("GET /a")),
                Gets(welcome.clone()),
                Logs("200 LR 0"),
            ],
        ),
        row(
            "returned",
            concat!(
                " http-request return status 200 content-type text/plain string welcome if { path /a }\n",
                " http-after-response set-header x-last 1",
            ),
            [
                Asks(Message::new("GET /a")),
                Gets(welcome.clone()),
                Logs("200 LR 0"),
                Brings(get()),
                Answers(ok()),
                Gets(ok().with("x-last", "1")),
                Logs("200 -- 0"),
            ],
        ),
        row(
            "denied with the request on its way",
            " http-request deny",
            [Begins(post(), 1), GetsError("403"), IsDone, Logs("403 PR 0")],
        ),
        row(
            "changed both ways",
            concat!(
                " http-request set-var(txn.path) path\n",
                " http-request set-path /b%[path]\n",
                " http-request set-header x-method %[method]\n",
                " http-request del-header cookie\n",
                " http-response set-status 418\n",
                " http-response add-header x-path %[var(txn.path)]\n",
                " option forwardfor if-none",
            ),
            [
                Asks(post().with("cookie", "a").with("x-forwarded-for", "b")),
                Asked(
                    Message::known("POST /b/a", b"abc").with("x-forwarded-for", "b").with("x-method", "POST"),
                ),
                Answers(ok()),
                Gets(Message::known("418", b"ok").with("x-path", "/a")),
                Logs("418 -- 0"),
            ],
        ),
        row(
            "a response that loses its body",
            " http-response set-status 204 if { status 200 }",
            [
                Brings(get()),
                Answers(ok()),
                Gets(Message::new("204")),
                Logs("204 -- 0"),
                Brings(get()),
                Returns(Message::new("204")),
                Logs("204 -- 0"),
            ],
        ),
        row(
            "in a tarpit",
            " timeout tarpit 2s\n http-request tarpit deny_status 500",
            [Asks(get()), GetsError("500"), Logs("500 PT 2000")],
        ),
        row(
            "in a tarpit for no time",
            " http-request tarpit",
            [Asks(get()), GetsError("500"), Logs("500 PT 0")],
        ),
        row(
            "a tarpit that is left",
            " timeout tarpit 2s\n http-request tarpit",
            [Asks(get()), After(100), Leaves, GetsError("500"), IsDone, Logs("500 PT 100")],
        ),
        row(
            "a tarpit that is left in the middle of a request",
            " timeout tarpit 2s\n http-request tarpit",
            [Begins(post(), 1), After(100), Leaves, GetsError("500"), IsDone, Logs("500 PT 100")],
        ),
        row(
            "in a tarpit with the request on its way",
            " timeout tarpit 2s\n http-request tarpit",
            [Begins(post(), 1), GetsError("500"), IsDone, Logs("500 PT 2000")],
        ),
        row("no request", "", [Babbles, GetsError("400"), Logs("400 PR 0")]),
    ]
}
