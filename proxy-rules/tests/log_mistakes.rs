//! Messages about lines for logs that are invalid, or have no effect.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{frontend, read};

/// Returns the messages about lines of a frontend, the first of which is line 4.
fn said(lines: &str) -> Vec<String> {
    read(&frontend(&format!("  {lines}"))).1
}

#[test]
fn formats_that_are_none() {
    for (line, expected) in [
        ("log-format %foo", "there is no value '%foo'; '%%' is a per cent sign"),
        ("log-format %cii", "there is no value '%cii'; '%%' is a per cent sign; did you mean 'ci' maybe ?"),
        ("log-format %[req.hdr(host)]", "'req.hdr' needs the request, which is not there at this point"),
        ("log-format %[path", "this bracket is not closed"),
        ("log-format %{+Q", "this brace is not closed"),
        ("log-format %{+Z}ci", "unknown flag 'Z' of values; expected Q, X, E, M, bin, json or cbor"),
        ("log-format %(a", "this parenthesis is not closed"),
        ("log-format %(a)", "'%' does not begin a value here; '%%' is a per cent sign"),
        ("log-format %(a.b)ci", "a name consists of letters, digits, '_' and '-'"),
        ("log-format %(a:foo)ci", "'foo' is not a type of a value; expected str, sint, bool or raw"),
        ("log-format %5", "'%' does not begin a value here; '%%' is a per cent sign"),
        ("log-format a b", "unexpected 'b'; a format is one word: put it in quotes"),
        ("error-log-format", "missing argument after 'error-log-format'; expected a format"),
        ("unique-id-format %Ta", "'%Ta' needs the record of a log line, which is not there at this point"),
        ("unique-id-format %[res.hdr(a)]", "'res.hdr' needs the response, which is not there at this point"),
        ("unique-id-header a:b", "'a:b' is not the name of a header field"),
        ("log-format %[uuid(5)]", "invalid argument '5' of 'uuid'; expected the version: 4 or 7"),
    ] {
        let said = said(line);
        assert_eq!(said.len(), 1, "{line}: {said:?}");
        assert!(said[0].contains(expected), "{line}: {said:?}");
    }
    assert!(said("log-format \"%{Q}o %ci\"")[0].contains("'Q' has no effect: it is not a flag of a value"));
}

#[test]
fn one_form_in_place_of_another() {
    let lines = "defaults
 log-format %ci
 option httplog
 option httplog
 option tcplog clf
 log-format \"%ci x\"
 error-log-format a
 error-log-format b
frontend f
 mode http
 option httplog
 option tcplog
";
    let said = read(lines).1;
    let expected = [
        "3] : 'option httplog' replaces 'log-format' of these defaults",
        "4] : 'option httplog' replaces 'option httplog' of these defaults",
        "5] : 'option tcplog clf' replaces 'option httplog' of these defaults",
        "6] : 'log-format' replaces 'option tcplog clf' of these defaults",
        "8] : this 'error-log-format' replaces another one of these defaults",
    ];
    assert_eq!(said[..expected.len()], expected);
}

#[test]
fn backends_write_nothing() {
    for line in [
        "log-format %ci",
        "log-format-sd a",
        "error-log-format a",
        "option httplog clf",
        "unique-id-format a",
    ] {
        let said = read(&format!("backend b\n mode http\n {line}\n")).1;
        assert!(said.iter().any(|said| said.contains("is ignored in a backend section")), "{line}: {said:?}");
    }
}
