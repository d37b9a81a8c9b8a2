//! Mistakes in the lines of checks, and what is reported about them.

mod common;

use common::said;

#[test]
fn mistakes() {
    for (lines, expected) in [
        (
            "tcp-check",
            &[
                "A2 missing argument after 'tcp-check'; expected one of connect, expect, comment, send, send-lf, send-binary, send-binary-lf, set-var, set-var-fmt, unset-var",
            ][..],
        ),
        (
            "tcp-check sned x",
            &[
                "A2 unknown step 'sned' of 'tcp-check'; expected one of connect, expect, comment, send, send-lf, send-binary, send-binary-lf, set-var, set-var-fmt, unset-var",
            ],
        ),
        (
            "http-check send-lf x",
            &[
                "A2 unknown step 'send-lf' of 'http-check'; expected one of connect, expect, comment, send, set-var, set-var-fmt, unset-var",
            ],
        ),
        ("tcp-check send", &["A2 missing argument after 'send'; expected the text to send"]),
        ("tcp-check send a b", &["A2 unexpected 'b' after 'send'; expected 'comment' or nothing"]),
        (
            "tcp-check send-binary 123",
            &["A2 invalid value '123' for 'send-binary'; expected an even number of hexadecimal digits"],
        ),
        (
            "tcp-check expect",
            &[
                "A2 'tcp-check expect' without a pattern; expected one of string, rstring, string-lf, binary, rbinary, binary-lf",
            ],
        ),
        ("tcp-check expect string a string b", &["A2 'string' is a second pattern; there is one in a line"]),
        (
            "tcp-check expect status 200",
            &[
                "A2 unknown argument 'status' of 'tcp-check expect'; expected one of string, rstring, string-lf, binary, rbinary, binary-lf, min-recv, comment, on-success, on-error, ok-status, error-status, tout-status, status-code",
            ],
        ),
        (
            "tcp-check expect ! min-recv 3",
            &[
                "A2 'min-recv' cannot be negated; expected one of string, rstring, string-lf, binary, rbinary, binary-lf",
            ],
        ),
        (
            "tcp-check expect rstring (",
            &["A2 '(' is not a regular expression; missing closing parenthesis, at byte 1"],
        ),
        (
            "tcp-check expect string a ok-status L7STS",
            &["A2 invalid value 'L7STS' for 'ok-status'; expected one of L7OK, L7OKC, L6OK, L4OK"],
        ),
        (
            "tcp-check expect string a min-recv -2",
            &[
                "A2 invalid value '-2' for 'min-recv'; expected a number from -1 to 2147483647: how many bytes to wait for, or -1",
            ],
        ),
        (
            "http-check expect status 2xx",
            &[
                "A2 invalid value '2xx' for 'status'; expected status codes such as 200 and ranges such as 300-399, separated by commas",
            ],
        ),
        (
            "http-check expect hdr value a",
            &["A2 invalid value 'value' for 'hdr'; expected one of name, name-lf"],
        ),
        (
            "http-check expect hdr name-lf -m reg a",
            &["A2 a regular expression is a fixed text: it cannot be made by a format"],
        ),
        ("tcp-check connect ssl", &["A2 'ssl' is not supported yet: there is no TLS to servers"]),
        (
            "tcp-check connect port 0",
            &["A2 invalid value '0' for 'port'; expected a port from 1 to 65535, or an expression"],
        ),
        (
            "tcp-check connect proto h2",
            &["A2 invalid value 'h2' for 'proto'; expected 'none', the only protocol of 'tcp-check'"],
        ),
        (
            "tcp-check connect prot none",
            &[
                "A2 unknown argument 'prot' of 'tcp-check connect'; expected one of default, port, addr, send-proxy, via-socks4, linger, proto, comment",
            ],
        ),
        (
            "tcp-check set-var(txn.a) int(1)",
            &[
                "W2 this changes nothing: 'txn.a' does not exist in 'tcp-check' rules; a variable of the scope 'check', 'sess' or 'proc' exists",
            ],
        ),
        (
            "tcp-check set-var(check.a) req.hdr(host)",
            &["A2 'req.hdr' needs the request, which is not there at this point"],
        ),
        ("http-check send hdr Host a hdr host b", &["A2 the field 'host' is already set"]),
        (
            "http-check send hdr Content-Length 3",
            &[
                "A2 the field 'Content-Length' follows from the body; leave it out: it is sent when there is a body",
            ],
        ),
        (
            "http-check send ver HTTP/2",
            &["A2 invalid value 'HTTP/2' for 'ver'; expected HTTP/1.0 or HTTP/1.1"],
        ),
        (
            "option httpchk GET / HTTP/1.1\\r\\nHost:\\ a",
            &[
                "A2 fields and a body cannot be part of the version; 'http-check send' has 'hdr' and 'body' for them",
            ],
        ),
        (
            "option httpchk GET / HTTP/1.1 a b",
            &[
                "A2 unexpected 'b' after 'option httpchk'; usage: option httpchk [[<method>] <uri> [<version> [<host>]]]",
            ],
        ),
        (
            "option tcp-check x",
            &["A2 unexpected 'x' after 'option tcp-check'; 'option tcp-check' takes no value"],
        ),
    ] {
        let option = if lines.starts_with("http-check") { "option httpchk" } else { "option tcp-check" };
        let lines = format!("{lines}\n {option}");
        assert_eq!(said(&lines), expected, "{lines}");
    }
}

#[test]
fn the_order_of_steps() {
    for (lines, expected) in [
        (
            "option httpchk\n http-check send uri /\n http-check send uri /",
            "A4 'http-check send' cannot follow the step before it; there is an 'http-check connect' between them",
        ),
        (
            "option httpchk\n http-check connect\n http-check expect status 200",
            "A4 'http-check expect' cannot follow the step before it; there is an 'http-check send' between them",
        ),
        (
            "option httpchk\n http-check connect\n http-check send\n http-check connect",
            "A5 'http-check connect' cannot follow the step before it; there is an 'http-check expect' between them",
        ),
        (
            "option tcp-check\n tcp-check send a\n tcp-check connect",
            "A4 'tcp-check connect' after other steps, and none before them; the first step is a connection if there is any",
        ),
        (
            "tcp-check send a",
            "W2 'tcp-check' has no effect without 'option tcp-check'; add 'option tcp-check' to the section",
        ),
        (
            "option tcp-check\n http-check send",
            "W3 'http-check' has no effect without 'option httpchk'; add 'option httpchk' to the section",
        ),
    ] {
        assert_eq!(said(lines), [expected], "{lines}");
    }
    assert_eq!(said("tcp-check comment a\n tcp-check connect\n option tcp-check"), Vec::<String>::new());
}
