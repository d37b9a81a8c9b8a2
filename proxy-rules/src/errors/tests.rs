//! Configurations with error messages, from text to replies. The expected values are what HAProxy 3.5-dev5 does with
//! them.

use super::ErrorMessages;
use crate::answer::testing::{TestFile, read, read_well, wire};

fn file(name: &str, text: &str) -> TestFile {
    TestFile::new(name, &format!("HTTP/1.1 503 {text}\r\nContent-Length: 0\r\n\r\n"))
}

fn messages(text: &str, section: &str) -> ErrorMessages {
    let configuration = read_well(text);
    let section = configuration.proxies.iter().find(|it| it.name.value == section).unwrap();
    ErrorMessages::of(section, &configuration)
}

/// Returns the reason of a message, or `-` if nothing is sent.
fn words(messages: &ErrorMessages, status: u16) -> String {
    let message = messages.answer(status).message.as_ref();
    message.map_or("-".into(), |message| String::from_utf8_lossy(message.head.reason()).into_owned())
}

#[test]
fn a_later_line_replaces_an_earlier_one() {
    let (a, b, c) = (file("later-a", "A"), file("later-b", "B"), file("later-c", "C"));
    let text = format!(
        "
http-errors one
  errorfile 400 {a}
  errorfile 403 {a}
  errorfile 404 /dev/null
defaults
  errorfiles two
  errorfile 400 {b}
frontend plain
frontend all
  errorfiles one
  errorfile 500 {b}
frontend some
  errorfile 500 {c}
  errorfiles one 404
  errorfiles two 403 500
http-errors two
  errorfile 403 {c}
  errorfile 500 {c}
",
        a = a.path(),
        b = b.path(),
        c = c.path()
    );
    let statuses = [400, 403, 404, 500, 503];
    for (section, expected) in [
        ("plain", ["B", "C", "Not Found", "C", "Service Unavailable"]),
        ("all", ["A", "A", "-", "B", "Service Unavailable"]),
        ("some", ["B", "C", "-", "C", "Service Unavailable"]),
    ] {
        let messages = messages(&text, section);
        assert_eq!(statuses.map(|status| words(&messages, status)), expected, "{section}");
    }
}

#[test]
fn a_backends_messages_come_first() {
    let (a, b) = (file("first-a", "A"), file("first-b", "B"));
    let text = format!(
        "frontend f\n errorfile 500 {a}\n errorfile 503 {a}\nbackend b\n errorfile 500 {b}\n",
        a = a.path(),
        b = b.path()
    );
    let (front, back) = (messages(&text, "f"), messages(&text, "b"));
    let looked_up = |backend, status| {
        let answer = ErrorMessages::lookup(backend, &front, status);
        String::from_utf8_lossy(answer.message.as_ref().unwrap().head.reason()).into_owned()
    };
    let of = |backend| [500, 503, 504, 418].map(|status| looked_up(backend, status));
    assert_eq!(of(None), ["A", "A", "Gateway Time-out", "A"]);
    assert_eq!(of(Some(&back)), ["B", "A", "Gateway Time-out", "B"]);
}

#[test]
fn locations_are_302_or_303() {
    let messages =
        messages("listen l\n errorloc 400 /a\n errorloc302 403 /b\n errorloc303 429 /c?d=e\n", "l");
    let location = |status| wire(messages.answer(status));
    assert_eq!(
        location(400),
        "[400] 302 Found\ncache-control: no-cache\ncontent-length: 0\nlocation: /a\n\n"
    );
    assert_eq!(
        location(403),
        "[403] 302 Found\ncache-control: no-cache\ncontent-length: 0\nlocation: /b\n\n"
    );
    assert_eq!(
        location(429),
        "[429] 303 See Other\ncache-control: no-cache\ncontent-length: 0\nlocation: /c?d=e\n\n"
    );
}

#[test]
fn mistakes_are_told_where_they_are() {
    let codes = "expected one of 200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, \
                 500, 501, 502, 503, 504";
    for (line, expected) in [
        ("errorfile", "3:9-9: missing argument after 'errorfile': expected the code of an error".to_owned()),
        ("errorfile 418 /dev/null", format!("3:10-13: invalid value '418' for 'errorfile': {codes}")),
        ("errorfile 50x /dev/null", format!("3:10-13: invalid value '50x' for 'errorfile': {codes}")),
        (
            "errorfile 503",
            "3:13-13: missing argument after '503': expected a file with a whole HTTP response".to_owned(),
        ),
        ("errorfile 503 /dev/zero", "3:14-23: '/dev/zero' is larger than 16384 bytes".to_owned()),
        (
            "errorfile 503 /dev/null x",
            "3:24-25: unexpected 'x' after 'errorfile': usage: errorfile <code> <file>".to_owned(),
        ),
        (
            "errorfiles",
            "3:10-10: missing argument after 'errorfiles': expected the name of an http-errors section"
                .to_owned(),
        ),
        ("errorfiles e 409", format!("3:13-16: invalid value '409' for 'errorfiles': {codes}")),
        ("errorfiles f", "3:11-12: there is no http-errors section 'f'".to_owned()),
        ("errorfiles e 500 503", "3:11-12: http-errors section 'e' has no message for 503".to_owned()),
        ("errorloc 503", "3:12-12: missing argument after '503': expected a URL".to_owned()),
        (
            "errorloc303 503 \"/a\\nb\"",
            "3:16-23: invalid value '/a\nb' for 'errorloc303': expected a URL without control characters"
                .to_owned(),
        ),
    ] {
        let (_, said) = read(&format!("# \nlisten l\n{line}\nhttp-errors e\nerrorfile 500 /dev/null\n"));
        assert_eq!(said, [expected], "{line}");
    }
}

#[test]
fn what_defaults_name_in_vain_is_told_once() {
    let (_, said) = read("defaults\n errorfiles none\nfrontend f\nfrontend g\nbackend h\n");
    assert_eq!(said, ["2:12-16: there is no http-errors section 'none'"]);
}

#[test]
fn sections_of_messages_have_names_and_little_else() {
    for (text, expected) in [
        ("http-errors\n", &["1:11-11: 'http-errors' without a name: expected the name of the section"][..]),
        ("http-errors a\nhttp-errors a\n", &["2:12-13: duplicate section http-errors 'a'"]),
        ("http-errors a from b\n", &["1:14-18: unexpected 'from' after 'a'"]),
        (
            "http-errors a\n errorfiles a\n",
            &["2:1-11: 'errorfiles' is not allowed in a http-errors section: it is allowed in \
               defaults, frontend, backend, listen"],
        ),
        (
            "http-errors a\n balance roundrobin\n",
            &["2:1-8: unknown keyword 'balance' in 'http-errors' section: \
                                                    it takes errorfile"],
        ),
    ] {
        let (_, said) = read(text);
        assert_eq!(said, expected, "{text}");
    }
}
