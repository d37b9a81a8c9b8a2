//! The steps of `tcp-check` and `http-check`: what is sent, and the results. HAProxy 3.5-dev5 sends the same and has the
//! same results, unless a row says otherwise.

mod common;

use common::Server::{self, Holds, Refuses, Resets, Says};
use common::{play, ruleset, ruleset_after, run};

/// The lines of a backend, its server, what the server receives, and the result.
type Row<'a> = (&'a str, Server<'a>, &'a str, &'a str);

fn check(rows: &[Row<'_>]) {
    let mut failures = Vec::new();
    for (lines, server, sent, reason) in rows {
        let rules = ruleset(lines);
        for piece in [usize::MAX, 7, 1] {
            let ended = play(&rules, run(), *server, piece);
            let received = String::from_utf8_lossy(&ended.received).into_owned();
            let found = (&*received, &*ended.reason());
            if found != (*sent, *reason) {
                failures.push(format!("{lines} in pieces of {piece}\n  {found:?}\n  {:?}", (sent, reason)));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

const ASKED: &str = "OPTIONS / HTTP/1.0\r\n\r\n";
const OK: Server<'_> = Says(&[("\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n")]);

#[test]
fn steps_of_bytes() {
    const FOO: Server<'_> = Says(&[("", b"xfoo")]);
    const BAR: Server<'_> = Says(&[("", b"bar")]);
    check(&[
        ("", Says(&[]), "", "Layer4 check passed"),
        (
            "",
            Refuses,
            "",
            "Layer4 connection problem, info: \"ECONNREFUSED returned by OS (Connection refused)\"",
        ),
        ("option tcp-check", Says(&[]), "", "Layer4 check passed"),
        (
            "option tcp-check",
            Refuses,
            "",
            "Layer4 connection problem, info: \"ECONNREFUSED returned by OS (Connection refused) at initial connection \
             step of tcp-check\"",
        ),
        (
            "option tcp-check\n tcp-check connect comment \"hi there\"",
            Refuses,
            "",
            "Layer4 connection problem, info: \"ECONNREFUSED returned by OS (Connection refused) at step 1 of tcp-check \
             (connect) comment: 'hi there'\"",
        ),
        (
            "option tcp-check\n tcp-check connect port 8",
            Refuses,
            "",
            "Layer4 connection problem, info: \"ECONNREFUSED returned by OS (Connection refused) at step 1 of tcp-check \
             (connect port 8)\"",
        ),
        ("option tcp-check\n tcp-check connect", FOO, "", "Layer4 check passed, info: \"(tcp-check)\""),
        (
            "option tcp-check\n tcp-check send hello\\r\\n",
            FOO,
            "hello\r\n",
            "Layer7 check passed, code: 0, info: \"(tcp-check)\"",
        ),
        (
            "option tcp-check\n tcp-check set-var(check.a) str(x)\n tcp-check send-lf \"%[var(check.a)] \
             %[be_name]/%[srv_name]\\r\\n\"",
            FOO,
            "x b/s\r\n",
            "Layer7 check passed, code: 0, info: \"(tcp-check)\"",
        ),
        (
            "option tcp-check\n tcp-check send-binary 50494e470d0a\n tcp-check expect string +PONG",
            Says(&[("PING\r\n", b"+PONG\r\n")]),
            "PING\r\n",
            "Layer7 check passed, code: 0, info: \"(tcp-check)\"",
        ),
        (
            "option tcp-check\n tcp-check send-binary-lf \"%[str(ab),hex]0a\"",
            FOO,
            "ab\n",
            "Layer7 check passed, code: 0, info: \"(tcp-check)\"",
        ),
        (
            "option tcp-check\n tcp-check send-binary-lf \"%[str(ab)]c\"",
            FOO,
            "",
            "Layer7 invalid response, info: \"tcp-check send : failed to build log-format string at step 1\"",
        ),
        (
            "option tcp-check\n tcp-check expect string foo",
            FOO,
            "",
            "Layer7 check passed, code: 0, info: \"(tcp-check)\"",
        ),
        (
            "option tcp-check\n tcp-check expect string foo comment cc",
            BAR,
            "",
            "Layer7 invalid response, info: \"TCPCHK did not match content 'foo' at step 1 comment: cc\"",
        ),
        (
            "option tcp-check\n tcp-check comment first\n tcp-check connect\n tcp-check comment second\n tcp-check \
             expect string foo",
            BAR,
            "",
            "Layer7 invalid response, info: \"TCPCHK did not match content 'foo' at step 4 comment: second\"",
        ),
        (
            "option tcp-check\n tcp-check expect ! string foo",
            FOO,
            "",
            "Layer7 invalid response, info: \"TCPCHK matched unwanted content 'foo' at step 1\"",
        ),
        (
            "option tcp-check\n tcp-check expect string foo",
            Says(&[]),
            "",
            "Layer7 invalid response, info: \"TCPCHK got an empty response at step 1\"",
        ),
        (
            "option tcp-check\n tcp-check expect string foo",
            Holds(&[("", b"b")]),
            "",
            "Layer7 timeout, info: \" at step 1 of tcp-check (expect string 'foo')\"",
        ),
        (
            "option tcp-check\n tcp-check connect\n tcp-check expect binary 666f6f comment zz",
            Holds(&[("", b"b")]),
            "",
            "Layer7 timeout, info: \" at step 2 of tcp-check (expect binary '666F6F') comment: 'zz'\"",
        ),
        (
            "option tcp-check\n tcp-check expect rstring foo tout-status L6TOUT",
            Holds(&[("", b"b")]),
            "",
            "Layer6 timeout, info: \" at step 1 of tcp-check (expect regex)\"",
        ),
        (
            "option tcp-check\n tcp-check expect string foo on-error \"got %[res.payload(0,0)] x\" error-status L7STS \
             status-code res.payload(0,3)",
            Says(&[("", b"123bar")]),
            "",
            "Layer7 wrong status, code: 123, info: \"got 123bar x\"",
        ),
        (
            "option tcp-check\n tcp-check expect string foo on-success \"yes %[res.len]\" ok-status L7OKC",
            Says(&[("", b"12foo")]),
            "",
            "Layer7 check conditionally passed, code: 0, info: \"yes 5\"",
        ),
        (
            "option tcp-check\n tcp-check expect rbinary ^31(32)",
            Says(&[("", b"12foo")]),
            "",
            "Layer7 check passed, code: 0, info: \"(tcp-check)\"",
        ),
        (
            "option tcp-check\n tcp-check expect rbinary ^32",
            Says(&[("", b"12foo")]),
            "",
            "Layer7 invalid response, info: \"TCPCHK did not match content (binary regex) at step 1\"",
        ),
        (
            "option tcp-check\n tcp-check connect\n tcp-check expect string a\n tcp-check connect\n tcp-check expect \
             string b",
            Says(&[("", b"a")]),
            "",
            "Layer7 invalid response, info: \"TCPCHK did not match content 'b' at step 4\"",
        ),
        (
            "option tcp-check\n tcp-check expect min-recv 0 string foo",
            Holds(&[("", b"b")]),
            "",
            "Layer7 timeout, info: \" at step 1 of tcp-check (expect string 'foo')\"",
        ),
        (
            "option tcp-check\n tcp-check expect string-lf \"%[str()]\"",
            Says(&[("", b"b")]),
            "",
            "Layer7 invalid response, info: \"log-format string evaluated to an empty string\"",
        ),
        (
            "option tcp-check\n tcp-check expect binary-lf \"%[str(xx)]\"",
            Says(&[("", b"b")]),
            "",
            "Layer7 invalid response, info: \"Failed to parse hexastring resulting of eval of a log-format string\"",
        ),
        (
            "option tcp-check\n tcp-check expect string foo\n tcp-check set-var(check.b) str(1)",
            FOO,
            "",
            "Layer7 check passed, code: 0, info: \"(tcp-check)\"",
        ),
        // A connection that is reset after its response is one that was closed.
        (
            "option tcp-check\n tcp-check expect string foo",
            Resets(&[("", b"xfoo")]),
            "",
            "Layer7 check passed, code: 0, info: \"(tcp-check)\"",
        ),
        (
            "option tcp-check\n tcp-check expect string foo",
            Resets(&[]),
            "",
            "Socket error, info: \"ECONNRESET returned by OS (Connection reset by peer) at step 1 of tcp-check (expect \
             string 'foo')\"",
        ),
    ]);
}

/// What must not arrive may still do so while something else is awaited. Without a number of bytes that is enough, it
/// may do so until the end of the connection.
#[test]
fn unwanted_bytes_are_looked_for_in_all_that_arrives() {
    let lines = "option tcp-check\n tcp-check expect ! string bad\n tcp-check expect string end";
    let least = "option tcp-check\n tcp-check expect min-recv 3 ! string bad\n tcp-check expect string end";
    let good: &[(&str, &[u8])] = &[("", b"good end")];
    let bad: &[(&str, &[u8])] = &[("", b"goo"), ("", b"d bad end")];
    let passed = "Layer7 check passed, code: 0, info: \"(tcp-check)\"";
    let unwanted = "Layer7 invalid response, info: \"TCPCHK matched unwanted content 'bad' at step 1\"";
    check(&[
        (lines, Says(good), "", passed),
        (lines, Holds(good), "", "Layer7 timeout, info: \" at step 1 of tcp-check (expect string 'bad')\""),
        (least, Holds(good), "", passed),
        (lines, Says(bad), "", unwanted),
        (least, Holds(bad), "", unwanted),
    ]);
}

#[test]
fn requests_of_http() {
    const PASSED: &str = "Layer7 check passed, code: 200";
    check(&[
        ("option httpchk", OK, ASKED, PASSED),
        ("option httpchk /x", OK, "OPTIONS /x HTTP/1.0\r\n\r\n", PASSED),
        ("option httpchk HEAD /x HTTP/1.1", OK, "HEAD /x HTTP/1.1\r\nconnection: close\r\n\r\n", PASSED),
        (
            "option httpchk GET /x HTTP/1.1 ex.com",
            OK,
            "GET /x HTTP/1.1\r\nhost: ex.com\r\nconnection: close\r\n\r\n",
            PASSED,
        ),
        (
            "option httpchk\n http-check send meth POST uri /p ver HTTP/1.1 hdr Host h hdr X-A b body abc",
            OK,
            "POST /p HTTP/1.1\r\nhost: h\r\nx-a: b\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc",
            PASSED,
        ),
        (
            "option httpchk\n http-check send meth GET uri /p hdr Connection keep-alive",
            OK,
            "GET /p HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
            PASSED,
        ),
        (
            "option httpchk GET http://a.b:80/x HTTP/1.1",
            OK,
            "GET http://a.b:80/x HTTP/1.1\r\nconnection: close\r\n\r\n",
            PASSED,
        ),
        ("option httpchk PUT /x", OK, "PUT /x HTTP/1.0\r\ncontent-length: 0\r\n\r\n", PASSED),
        // The steps complete the request of the option, in either order.
        (
            "option httpchk GET /x\n http-check send uri /y hdr a b",
            OK,
            "GET /y HTTP/1.0\r\na: b\r\n\r\n",
            PASSED,
        ),
        (
            "http-check send meth PUT uri /y\n option httpchk /x",
            OK,
            "PUT /x HTTP/1.0\r\ncontent-length: 0\r\n\r\n",
            PASSED,
        ),
        (
            "option httpchk GET /x\n http-check set-var(check.p) str(q)\n http-check send uri-lf \
             /%[var(check.p)] hdr n %[srv_name] body-lf %[be_name]\n http-check expect status 200",
            OK,
            "GET /q HTTP/1.0\r\nn: s\r\ncontent-length: 1\r\n\r\nb",
            PASSED,
        ),
    ]);
}

#[test]
fn the_state_of_the_server_is_told() {
    let rules = ruleset("option httpchk\n http-check send-state");
    let ended = play(&rules, common::Run { state: Some("UP 1/3".into()), ..run() }, OK, usize::MAX);
    let sent = "OPTIONS / HTTP/1.0\r\nx-haproxy-server-state: UP 1/3\r\n\r\n";
    assert_eq!(String::from_utf8_lossy(&ended.received), sent);
}

#[test]
fn responses_of_http() {
    const FOO: &str = "option httpchk\n http-check expect string foo";
    let says = |response: &'static [(&str, &[u8])]| Says(response);
    check(&[
        (
            "option httpchk",
            says(&[("\r\n\r\n", b"HTTP/1.0 500 Oh No\r\n\r\n")]),
            ASKED,
            "Layer7 wrong status, code: 500, info: \"Oh No\"",
        ),
        ("option httpchk", says(&[]), ASKED, "Socket error"),
        ("option httpchk", says(&[("", b"garbage\r\n\r\n")]), ASKED, "Socket error"),
        ("option httpchk", says(&[("", b"HTTP/1.0 200 OK\r\nA: b\r\n")]), ASKED, "Socket error"),
        (
            "option httpchk",
            says(&[(
                "\r\n\r\n",
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            )]),
            ASKED,
            "Layer7 wrong status, code: 100, info: \"Continue\"",
        ),
        (
            FOO,
            says(&[("", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfo")]),
            ASKED,
            "Layer7 invalid response, info: \"HTTP content check did not match\"",
        ),
        (
            "option httpchk\n http-check expect string fo",
            says(&[("", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfo")]),
            ASKED,
            "Layer7 check passed, code: 200",
        ),
        (
            FOO,
            says(&[(
                "",
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nfo\r\n3\r\no b\r\n0\r\n\r\n",
            )]),
            ASKED,
            "Layer7 check passed, code: 200",
        ),
        (
            FOO,
            says(&[("", b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]),
            ASKED,
            "Layer7 invalid response, info: \"HTTP content check could not find a response body\"",
        ),
        (
            FOO,
            says(&[("", b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbar")]),
            ASKED,
            "Layer7 invalid response, info: \"HTTP content check did not match\"",
        ),
        (
            "option httpchk\n http-check expect ! string foo",
            says(&[("", b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nfoo")]),
            ASKED,
            "Layer7 invalid response, info: \"HTTP check matched unwanted content\"",
        ),
        ("option httpchk", Holds(&[]), ASKED, "Layer7 timeout"),
        (
            FOO,
            says(&[("", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nfoo")]),
            ASKED,
            "Layer7 invalid response, info: \"TCPCHK did not match content 'foo' at step 1\"",
        ),
        (
            "option httpchk\n http-check disable-on-404",
            says(&[("", b"HTTP/1.1 404 Nope\r\ncontent-length: 3\r\n\r\nfoo")]),
            ASKED,
            "Layer7 check conditionally passed, code: 404",
        ),
        (
            "option httpchk\n http-check expect ! rstatus ^2",
            OK,
            ASKED,
            "Layer7 wrong status, code: 200, info: \"OK\"",
        ),
        (
            "option httpchk\n http-check expect status 200,204,300-399 on-success \"fine %[status]\"",
            says(&[("", b"HTTP/1.1 301 Moved\r\n\r\n")]),
            ASKED,
            "Layer7 check passed, code: 301, info: \"fine 301\"",
        ),
        (
            "option httpchk\n http-check expect hdr name X-a value -m beg b",
            says(&[("", b"HTTP/1.0 200 OK\r\nx-A: a,bc\r\n\r\n")]),
            ASKED,
            "Layer7 check passed, code: 200",
        ),
        (
            "option httpchk\n http-check expect fhdr name X-a value -m beg b comment hh",
            says(&[("", b"HTTP/1.0 200 OK\r\nx-A: a,bc\r\n\r\n")]),
            ASKED,
            "Layer7 wrong status, code: 200, info: \"OK comment: hh\"",
        ),
        (
            "option httpchk\n http-check expect hdr name -m sub -a",
            says(&[("", b"HTTP/1.0 200 OK\r\nx-A: \r\n\r\n")]),
            ASKED,
            "Layer7 check passed, code: 200",
        ),
        (
            "option httpchk\n http-check expect fhdr name -m reg ^x-.$ value -m end c",
            says(&[("", b"HTTP/1.0 200 OK\r\nx-A: a,bc\r\n\r\n")]),
            ASKED,
            "Layer7 check passed, code: 200",
        ),
        (
            "option httpchk\n http-check expect status 201 on-error \"%[res.hdr(x)]\" error-status L7OKC",
            says(&[("", b"HTTP/1.0 200 OK\r\nx: y\r\n\r\n")]),
            ASKED,
            "Layer7 check conditionally passed, code: 200, info: \"y\"",
        ),
    ]);
}

#[test]
fn odd_responses_of_http() {
    const EARLY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfo";
    const EMPTY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    const NO_BODY: &str =
        "Layer7 invalid response, info: \"HTTP content check could not find a response body\"";
    const PASSED: &str = "Layer7 check passed, code: 200";
    let huge = [&b"HTTP/1.1 200 OK\r\na: "[..], &[b'x'; 20_000], b"\r\n\r\n"].concat();
    check(&[
        ("option httpchk", Holds(&[("", b"garbage\r\n\r\n")]), ASKED, "Socket error"),
        ("option httpchk", Holds(&[("", &huge)]), ASKED, "Socket error"),
        ("option httpchk", Says(&[("", b"<html>hi</html>")]), ASKED, "Socket error"),
        ("option httpchk\n http-check expect string a", Holds(&[("", EMPTY)]), ASKED, NO_BODY),
        ("option httpchk\n http-check expect string fo", Holds(&[("", EARLY)]), ASKED, PASSED),
        ("option httpchk\n http-check expect ! string x", Holds(&[("", EARLY)]), ASKED, "Layer7 timeout"),
        (
            "option httpchk HEAD /\n http-check expect string x",
            Holds(&[("", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n")]),
            "HEAD / HTTP/1.0\r\n\r\n",
            NO_BODY,
        ),
        (
            "option httpchk",
            Resets(&[]),
            ASKED,
            "Socket error, info: \"ECONNRESET returned by OS (Connection reset by peer)\"",
        ),
        ("option httpchk", Resets(&[("", EMPTY)]), ASKED, PASSED),
        (
            "option httpchk",
            Says(&[("", b"HTTP/1.1 500 \r\n\r\n")]),
            ASKED,
            "Layer7 wrong status, code: 500, info: \"TCPCHK did not match content(status codes) at step 2\"",
        ),
        (
            "option httpchk\n http-check expect hdr name x comment cc",
            Says(&[("", b"HTTP/1.1 200 \r\n\r\n")]),
            ASKED,
            "Layer7 wrong status, code: 200, info: \"TCPCHK did not match content (header pattern) at step 1 comment: \
             cc\"",
        ),
        (
            "option httpchk\n http-check comment one\n http-check expect status 200",
            Says(&[("", b"HTTP/1.1 500 X\r\n\r\n")]),
            ASKED,
            "Layer7 wrong status, code: 500, info: \"X comment: one\"",
        ),
        (
            "option httpchk\n http-check expect string-lf \"%[srv_name]x\"",
            Says(&[("", b"HTTP/1.1 200 X\r\n\r\nsx")]),
            ASKED,
            PASSED,
        ),
        (
            "option httpchk\n http-check expect string-lf \"%[str()]\"",
            Says(&[("", b"HTTP/1.1 200 X\r\n\r\nsx")]),
            ASKED,
            "Layer7 invalid response, info: \"log-format string evaluated to an empty string\"",
        ),
        (
            "option httpchk\n http-check connect\n http-check send uri /a\n http-check expect status 200\n http-check \
             connect\n http-check send uri /b\n http-check expect status 201 comment zz",
            Says(&[("\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n")]),
            "OPTIONS /a HTTP/1.0\r\n\r\nOPTIONS /b HTTP/1.0\r\n\r\n",
            "Layer7 wrong status, code: 200, info: \"OK comment: zz\"",
        ),
        (
            "option httpchk\n http-check expect string y on-error \"no %[status]\"",
            Says(&[("", b"HTTP/1.1 200 X\r\n\r\nsx1")]),
            ASKED,
            "Layer7 invalid response, info: \"no 200\"",
        ),
        ("option httpchk", Says(&[("", b"HTTP/1.1 200 OK\n\nabc")]), ASKED, PASSED),
        (
            "option httpchk\n http-check expect status 100-299",
            Says(&[("", b"HTTP/1.1 100 Continue\r\n\r\n"), ("", EMPTY)]),
            ASKED,
            "Layer7 check passed, code: 100",
        ),
        (
            "option httpchk\n http-check expect hdr name X-A value b",
            Says(&[("", b"HTTP/1.1 200 OK\r\nx-a:   a,   b  \r\n\r\n")]),
            ASKED,
            PASSED,
        ),
        (
            "option httpchk\n http-check expect fhdr name x-a value \"a, b\"",
            Says(&[("", b"HTTP/1.1 200 OK\r\nX-A: a, b\r\n\r\n")]),
            ASKED,
            PASSED,
        ),
        (
            "option httpchk\n http-check expect hdr name -m end -a",
            Says(&[("", b"HTTP/1.1 200 OK\r\nx-a: a, b\r\n\r\n")]),
            ASKED,
            PASSED,
        ),
    ]);
}

/// A value that is not a number, or is missing, is no code; the first number of a value is one.
#[test]
fn variables_ports_and_codes() {
    const PASSED: &str = "Layer7 check passed, code: 0, info: \"(tcp-check)\"";
    check(&[
        (
            "option tcp-check\n tcp-check expect string y status-code res.payload(0,2)",
            Says(&[("", b"x1y")]),
            "",
            PASSED,
        ),
        (
            "option tcp-check\n tcp-check expect string y status-code res.payload(0,20)",
            Says(&[("", b"x1y")]),
            "",
            PASSED,
        ),
        (
            "option tcp-check\n tcp-check expect string a\n tcp-check expect string b",
            Holds(&[("", b"ba")]),
            "",
            PASSED,
        ),
        (
            "option tcp-check\n tcp-check set-var(check.p) int(1)\n tcp-check connect port var(check.p)",
            Refuses,
            "",
            "Layer4 connection problem, info: \"ECONNREFUSED returned by OS (Connection refused) at step 2 of tcp-check \
             (connect)\"",
        ),
        (
            "option tcp-check\n tcp-check set-var(check.p) str(a)\n tcp-check unset-var(check.p)\n tcp-check send-lf \
             \"x%[var(check.p)]\\n\"",
            Says(&[]),
            "x\n",
            PASSED,
        ),
    ]);
    let rules = ruleset(
        "option tcp-check\n tcp-check set-var(check.p) int(81)\n tcp-check connect port var(check.p)",
    );
    let mut conversation = proxy_health::Conversation::new(rules, run());
    let proxy_health::Next::Connect(connecting) = conversation.next(None) else { panic!("it connects") };
    assert_eq!((connecting.port, connecting.sends_first), (Some(81), false));
}

#[test]
fn a_404_stops_new_clients_of_a_server_that_is_up_only() {
    let rules = ruleset("option httpchk\n http-check disable-on-404");
    let server = Says(&[("", b"HTTP/1.1 404 Nope\r\n\r\n")]);
    let ended = play(&rules, common::Run { is_up: false, ..run() }, server, usize::MAX);
    assert_eq!(ended.reason(), "Layer7 wrong status, code: 404, info: \"Nope\"");
}

/// HAProxy sends nothing in the second case, and waits for a response to it.
#[test]
fn defaults_are_inherited() {
    let inherited = |defaults: &str, lines: &str| {
        let rules = ruleset_after(&format!("defaults\n{defaults}"), lines);
        let ended = play(&rules, run(), OK, usize::MAX);
        (String::from_utf8(ended.received.clone()).unwrap(), ended.reason())
    };
    let (sent, reason) = inherited("option httpchk GET /x\n http-check expect status 201", "");
    assert_eq!(
        (&*sent, &*reason),
        ("GET /x HTTP/1.0\r\n\r\n", "Layer7 wrong status, code: 200, info: \"OK\"")
    );
    let both = "option httpchk GET /x\n http-check expect status 201";
    let (sent, reason) = inherited(both, "http-check expect status 200");
    assert_eq!((&*sent, &*reason), ("GET /x HTTP/1.0\r\n\r\n", "Layer7 check passed, code: 200"));
    let (sent, reason) = inherited(both, "option httpchk GET /y");
    assert_eq!((&*sent, &*reason), ("GET /y HTTP/1.0\r\n\r\n", "Layer7 check passed, code: 200"));
    let (sent, reason) = inherited(both, "option tcp-check\n tcp-check send a");
    assert_eq!((&*sent, &*reason), ("a", "Layer7 check passed, code: 0, info: \"(tcp-check)\""));
}

#[test]
fn a_response_is_read_up_to_the_size_of_a_buffer() {
    let small = || common::Run { buffer: 64, ..run() };
    let long = [b'a'; 200];
    let lines = "option tcp-check\n tcp-check expect string b";
    let ended = play(&ruleset(lines), small(), Holds(&[("", &long)]), usize::MAX);
    assert_eq!(
        ended.reason(),
        "Layer7 invalid response, info: \"TCPCHK did not match content 'b' at step 1\"",
        "it does not wait for more than it can keep"
    );
    let head = [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &long].concat();
    let script: &[(&str, &[u8])] = &[("", &head)];
    let lines = "option httpchk\n http-check expect string b";
    let ended = play(&ruleset(lines), small(), Holds(script), 10);
    assert_eq!(ended.reason(), "Layer7 invalid response, info: \"HTTP content check did not match\"");
    let lines = "option tcp-check\n tcp-check send aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let ended = play(&ruleset(lines), small(), Holds(&[]), usize::MAX);
    assert_eq!(
        ended.reason(),
        "Layer7 invalid response, info: \"tcp-check send : string too large (66) for buffer size (64) at step 1\""
    );
}
