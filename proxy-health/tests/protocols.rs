//! The checks of protocols: what is sent, and the results. HAProxy 3.5-dev5 has the same, unless a comment says
//! otherwise.

mod common;

use common::Server::{self, Holds, Says};
use common::{play, ruleset, run, said};

/// The option, the server, and the result.
type Row<'a> = (&'a str, Server<'a>, &'a str);

fn check(rows: &[Row<'_>]) {
    let mut failures = Vec::new();
    for (option, server, reason) in rows {
        let rules = ruleset(&format!("option {option}"));
        for piece in [usize::MAX, 7, 1] {
            let found = play(&rules, run(), *server, piece).reason();
            if found != *reason {
                failures.push(format!("{option}, {server:?} in pieces of {piece}\n  {found}\n  {reason}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Returns what is sent to a server that says this.
fn sent(option: &str, server: Server<'_>) -> Vec<u8> {
    play(&ruleset(&format!("option {option}")), run(), server, usize::MAX).received
}

#[test]
fn redis() {
    const PING: &str = "*1\r\n$4\r\nPING\r\n";
    check(&[
        ("redis-check", Says(&[(PING, b"-ERR no\r\n")]), "Layer7 wrong status, code: 0, info: \"-ERR no\""),
        (
            "redis-check",
            Holds(&[(PING, b"+PONG\r\n")]),
            "Layer7 check passed, code: 0, info: \"Redis server is ok\"",
        ),
        ("redis-check", Says(&[]), "Layer7 wrong status, code: 0"),
    ]);
}

#[test]
fn smtp() {
    const HELO: &str = "HELO localhost\r\n";
    check(&[
        (
            "smtpchk",
            Says(&[("", b"220 hi\r\n"), (HELO, b"250-a\r\n250 b c\r\n"), ("QUIT\r\n", b"221 bye now\r\n")]),
            "Layer7 check passed, code: 221, info: \"bye now\"",
        ),
        (
            "smtpchk EHLO me",
            Says(&[("", b"220 hi\r\n"), ("EHLO me\r\n", b"550 no way\r\n")]),
            "Layer7 wrong status, code: 550, info: \"no way\"",
        ),
        // HAProxy waits for another line until the timeout.
        (
            "smtpchk",
            Holds(&[("", b"220 hi\r\n"), (HELO, b"250-a\r\n550 no\r\n")]),
            "Layer7 wrong status, code: 250, info: \"a\"",
        ),
        ("smtpchk", Says(&[("", b"554 x\r\n")]), "Layer7 wrong status, code: 554, info: \"x\""),
        ("smtpchk", Says(&[("", b"garbage\r\n")]), "Layer7 invalid response, info: \"garbage\""),
        ("smtpchk", Holds(&[("", b"220")]), "Layer7 timeout"),
    ]);
}

#[test]
fn ldap() {
    const SHORT: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07";
    const OK: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";
    const LONG: &[u8] = b"\x30\x84\0\0\0\x10\x02\x01\x01\x61\x84\0\0\0\x07\x0a\x01\x00\x04\x00\x04\x00";
    const REFUSED: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00";
    check(&[
        ("ldap-check", Says(&[("", SHORT)]), "Layer7 invalid response"),
        ("ldap-check", Holds(&[("", OK)]), "Layer7 check passed, code: 0, info: \"Success\""),
        ("ldap-check", Holds(&[("", LONG)]), "Layer7 check passed, code: 0, info: \"Success\""),
        (
            "ldap-check",
            Says(&[("", REFUSED)]),
            "Layer7 wrong status, code: 49, info: \"See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9\"",
        ),
        (
            "ldap-check",
            Says(&[("", b"HTTP/1.0 200 OK\r\n\r\n")]),
            "Layer7 invalid response, info: \"Not LDAPv3 protocol\"",
        ),
    ]);
    assert_eq!(sent("ldap-check", Says(&[])), b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00");
}

#[test]
fn mysql() {
    const GREETING: &[u8] = b"\x05\0\0\0\x0a8.0\0";
    const BOTH: &[u8] = b"\x05\0\0\0\x0a8.0\0\x07\0\0\x02\0\0\0\x02\0\0\0";
    check(&[
        ("mysql-check", Holds(&[("", GREETING)]), "Layer7 check passed, code: 0, info: \"8.0\""),
        (
            "mysql-check",
            Says(&[("", b"\x0c\0\0\0\xff\x69\x04no access")]),
            "Layer7 wrong status, code: 1129, info: \"no access\"",
        ),
        ("mysql-check", Says(&[("", b"\x15\0\0\0\x0a8.0\0")]), "Layer7 invalid response"),
        ("mysql-check", Says(&[("", b"\0\0\0\0")]), "Layer7 invalid response"),
        ("mysql-check user ha", Holds(&[("", BOTH)]), "Layer7 check passed, code: 0, info: \"8.0\""),
        ("mysql-check user ha", Says(&[("", GREETING)]), "Layer7 invalid response"),
        (
            "mysql-check user ha",
            Says(&[("", b"\x05\0\0\0\x0a8.0\0\x05\0\0\x02\xff\x15\x04no")]),
            "Layer7 wrong status, code: 1045, info: \"no\"",
        ),
    ]);
    assert_eq!(
        sent("mysql-check user ha", Says(&[])),
        b"\x24\0\0\x01\0\x82\0\0\0\x80\0\x01!\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0ha\0\0\x01\0\0\0\x01"
    );
    assert_eq!(
        sent("mysql-check user ha pre-41", Says(&[])),
        b"\x09\0\0\x01\0\x80\0\0\x01ha\0\0\x01\0\0\0\x01"
    );
    let new = sent("mysql-check user ha post-80", Says(&[]));
    assert_eq!(&new[..8], b"\x3a\0\0\x01\0\x82\x08\0");
    assert!(new.ends_with(b"ha\0\0mysql_native_password\0\x01\0\0\0\x01"));
}

#[test]
fn pgsql() {
    check(&[
        (
            "pgsql-check user u",
            Holds(&[("u\0\0", b"R\0\0\0\x08\0\0\0\0")]),
            "Layer7 check passed, code: 0, info: \"PostgreSQL server is ok\"",
        ),
        (
            "pgsql-check user u",
            Holds(&[("u\0\0", b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0")]),
            "Layer7 check passed, code: 0, info: \"PostgreSQL server is ok\"",
        ),
        (
            "pgsql-check user u",
            Says(&[("u\0\0", b"E\0\0\0\x20SFATAL\0no")]),
            "Layer7 invalid response, info: \"FATAL\"",
        ),
        (
            "pgsql-check user u",
            Holds(&[("u\0\0", b"xxxxxxxxxxxx")]),
            "Layer7 wrong status, code: 0, info: \"PostgreSQL unknown error\"",
        ),
        ("pgsql-check user u", Says(&[]), "Layer7 wrong status, code: 0, info: \"PostgreSQL unknown error\""),
    ]);
    assert_eq!(sent("pgsql-check user u", Says(&[])), b"\0\0\0\x10\0\x03\0\0user\0u\0\0");
}

#[test]
fn ssl_hello() {
    check(&[
        ("ssl-hello-chk", Holds(&[("", b"\x16\x03\0\0\x01x")]), "Layer6 check passed"),
        ("ssl-hello-chk", Holds(&[("", b"\x15\x03\0\0\x02\x02\x28")]), "Layer6 check passed"),
        ("ssl-hello-chk", Holds(&[("", b"HTTP/1.0")]), "Layer6 invalid response"),
        ("ssl-hello-chk", Says(&[("", b"\x16\x03")]), "Layer6 check passed"),
        ("ssl-hello-chk", Holds(&[("", b"\x16\x03")]), "Layer6 timeout"),
        (
            "ssl-hello-chk",
            Says(&[]),
            "Layer6 invalid response, info: \"TCPCHK got an empty response at step 2\"",
        ),
    ]);
    let hello = sent("ssl-hello-chk", Says(&[]));
    assert_eq!(hello.len(), 126);
    assert_eq!(&hello[..11], b"\x16\x03\0\0\x79\x01\0\0\x75\x03\0");
    assert!(hello.ends_with(b"\x00\x39\x00\x3a\x01\x00"));
}

#[test]
fn mistakes() {
    for (option, expected) in [
        (
            "redis-check x",
            "A2 unexpected 'x' after 'option redis-check'; 'option redis-check' takes no value",
        ),
        ("smtpchk HALO x", "A2 invalid value 'HALO' for 'option smtpchk'; expected one of HELO, EHLO"),
        ("smtpchk HELO", "A2 missing argument after 'HELO'; expected a domain, of printable characters"),
        ("pgsql-check", "A2 missing argument after 'option pgsql-check'; expected 'user'"),
        (
            "mysql-check user u post-90",
            "A2 invalid value 'post-90' for 'option mysql-check'; expected one of pre-41, post-41, post-80",
        ),
    ] {
        let found = said(&format!("option {option}"));
        assert_eq!(found, [expected], "{option}");
    }
}
