//! Messages that were changed, or made by the proxy: what the writer adds and removes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proxy_http::h1::write::{self, CaseMap, Connection, Head, Outbound};
use proxy_http::h1::{Framing, Limits, RequestParser, ResponseParser};
use proxy_http::{BodyLength, Method, Request, Response, Version};

const V10: Version = Version::HTTP_10;
const V11: Version = Version::HTTP_11;

fn request(text: &str) -> Request {
    let mut request = Request::new();
    RequestParser::new(Limits::default())
        .parse(&mut text.as_bytes().to_vec(), &mut request)
        .unwrap()
        .unwrap();
    request
}

fn response(text: &str) -> Response {
    let mut response = Response::new();
    let parsed = ResponseParser::new(Limits::default()).parse(
        &mut text.as_bytes().to_vec(),
        &mut response,
        Method::Get,
    );
    parsed.unwrap().unwrap();
    response
}

fn outbound(body: BodyLength, connection: Connection, peer: Version) -> Outbound<'static> {
    Outbound { body, connection, peer, names: None }
}

/// Returns the bytes, whether they are the unchanged message, and the framing and the connection.
fn written(request: &Request, outbound: &Outbound<'_>) -> (String, bool, Framing, Connection) {
    let mut buffer = Vec::new();
    let written = write::request(request, outbound, &mut buffer);
    let (bytes, is_wire) = match written.head {
        Head::Wire(bytes) => (bytes.to_vec(), true),
        Head::Encoded => (buffer, false),
    };
    (String::from_utf8(bytes).unwrap(), is_wire, written.body, written.connection)
}

fn written_response(response: &Response, outbound: &Outbound<'_>) -> (String, bool, Framing, Connection) {
    let mut buffer = Vec::new();
    let written = write::response(response, outbound, &mut buffer);
    let (bytes, is_wire) = match written.head {
        Head::Wire(bytes) => (bytes.to_vec(), true),
        Head::Encoded => (buffer, false),
    };
    (String::from_utf8(bytes).unwrap(), is_wire, written.body, written.connection)
}

#[test]
fn unchanged_messages_are_sent_unchanged() {
    use BodyLength::{Empty, Known, Unknown};
    use Connection::{Close, KeepAlive, Upgrade};
    for (text, body, connection) in [
        ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", Empty, KeepAlive),
        ("GET / HTTP/1.0\r\nhost: a\r\n\r\n", Empty, Close),
        ("POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\n", Known(5), KeepAlive),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", Unknown, KeepAlive),
        ("GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", Empty, Upgrade),
    ] {
        let (bytes, is_wire, _, said) = written(&request(text), &outbound(body, connection, V11));
        assert_eq!((bytes.as_str(), is_wire, said), (text, true, connection));
    }
    for (text, body, connection, peer) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", Known(5), KeepAlive, V11),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Unknown, KeepAlive, V11),
        ("HTTP/1.0 200 OK\r\na: b\r\n\r\n", Unknown, Close, V11),
        ("HTTP/1.1 103 x\r\nlink: y\r\n\r\n", Empty, KeepAlive, V10),
        ("HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", Empty, Upgrade, V11),
    ] {
        let (bytes, is_wire, _, said) = written_response(&response(text), &outbound(body, connection, peer));
        assert_eq!((bytes.as_str(), is_wire, said), (text, true, connection));
    }
}

#[test]
fn changed_messages_are_written_again() {
    let mut changed = request("GET /a HTTP/1.1\r\nhost: a\r\nx: 1\r\nx: 2\r\n\r\n");
    changed.fields_mut().set(b"y", b"3").unwrap();
    changed.fields_mut().remove(b"x");
    changed.set_target(b"/b").unwrap();
    changed.set_method(b"PUT").unwrap();
    let out = outbound(BodyLength::Empty, Connection::KeepAlive, V11);
    assert_eq!(written(&changed, &out).0, "PUT /b HTTP/1.1\r\nhost: a\r\ny: 3\r\n\r\n");

    let mut changed = response("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    changed.set_status(404, b"").unwrap();
    let out = outbound(BodyLength::Known(0), Connection::KeepAlive, V11);
    assert_eq!(written_response(&changed, &out).0, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
}

#[test]
fn the_body_is_what_the_writer_is_given() {
    use BodyLength::{Empty, Known, Unknown};
    let plain = "POST / HTTP/1.1\r\na: b\r\n\r\n";
    let length = "POST / HTTP/1.1\r\ncontent-length: 5\r\na: b\r\n\r\n";
    let chunked = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\na: b\r\n\r\n";
    for (text, body, fields) in [
        (plain, Known(7), "a: b\r\ncontent-length: 7\r\n"),
        (plain, Unknown, "a: b\r\ntransfer-encoding: chunked\r\n"),
        (length, Empty, "a: b\r\n"),
        (length, Known(18_446_744_073_709_551_615), "content-length: 18446744073709551615\r\na: b\r\n"),
        (length, Unknown, "a: b\r\ntransfer-encoding: chunked\r\n"),
        (chunked, Empty, "a: b\r\n"),
        (chunked, Known(0), "a: b\r\ncontent-length: 0\r\n"),
    ] {
        let (bytes, is_wire, _, _) = written(&request(text), &outbound(body, Connection::KeepAlive, V11));
        assert_eq!((bytes, is_wire), (format!("POST / HTTP/1.1\r\n{fields}\r\n"), false));
    }
    // Added by a rule, besides the existing options.
    let mut doubled = request(length);
    doubled.fields_mut().add(b"content-length", b"9").unwrap();
    doubled.fields_mut().add(b"transfer-encoding", b"chunked").unwrap();
    let out = outbound(Known(5), Connection::KeepAlive, V11);
    assert_eq!(written(&doubled, &out).0, length);
}

#[test]
fn a_body_of_unknown_length_ends_as_the_client_can_detect() {
    use Connection::{Close, KeepAlive};
    let plain = "HTTP/1.1 200 OK\r\n\r\n";
    let coded = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let old = "HTTP/1.0 200 OK\r\n\r\n";
    for (text, connection, peer, fields, framing, said) in [
        (plain, KeepAlive, V11, "transfer-encoding: chunked\r\n", Framing::Chunked, KeepAlive),
        (plain, Close, V11, "connection: close\r\n", Framing::UntilClose, Close),
        (plain, KeepAlive, V10, "connection: close\r\n", Framing::UntilClose, Close),
        (coded, KeepAlive, V11, "transfer-encoding: chunked\r\n", Framing::Chunked, KeepAlive),
        (coded, Close, V11, "transfer-encoding: chunked\r\nconnection: close\r\n", Framing::Chunked, Close),
        (coded, KeepAlive, V10, "connection: close\r\n", Framing::UntilClose, Close),
        (old, KeepAlive, V11, "", Framing::UntilClose, Close),
    ] {
        let (bytes, _, body, end) =
            written_response(&response(text), &outbound(BodyLength::Unknown, connection, peer));
        let line = text.split_inclusive('\n').next().unwrap();
        assert_eq!(
            (bytes, body, end),
            (format!("{line}{fields}\r\n"), framing, said),
            "{text:?} {connection:?} {peer}"
        );
    }
}

#[test]
fn the_connection_field() {
    use Connection::{Close, KeepAlive};
    for (text, connection, added) in [
        ("GET / HTTP/1.1\r\n", KeepAlive, ""),
        ("GET / HTTP/1.1\r\n", Close, "connection: close\r\n"),
        ("GET / HTTP/1.0\r\n", KeepAlive, "connection: keep-alive\r\n"),
        ("GET / HTTP/1.0\r\n", Close, ""),
    ] {
        let (bytes, ..) =
            written(&request(&format!("{text}\r\n")), &outbound(BodyLength::Empty, connection, V11));
        assert_eq!(bytes, format!("{text}{added}\r\n"));
    }
    for (version, connection, peer, added) in [
        (V11, KeepAlive, V11, ""),
        (V11, KeepAlive, V10, "connection: keep-alive\r\n"),
        (V10, KeepAlive, V11, "connection: keep-alive\r\n"),
        (V11, Close, V11, "connection: close\r\n"),
        (V11, Close, V10, "connection: close\r\n"),
        (V10, Close, V11, ""),
    ] {
        let head = format!("{version} 200 OK\r\ncontent-length: 0\r\n");
        let out = outbound(BodyLength::Known(0), connection, peer);
        let (bytes, ..) = written_response(&response(&format!("{head}\r\n")), &out);
        assert_eq!(bytes, format!("{head}{added}\r\n"));
    }
    // A field that a rule adds is used as it is.
    let mut closing = response("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    closing.fields_mut().add(b"connection", b"x, Close, y").unwrap();
    let (bytes, _, _, said) = written_response(&closing, &outbound(BodyLength::Known(0), KeepAlive, V11));
    assert_eq!(bytes, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: x,y\r\nconnection: close\r\n\r\n");
    assert_eq!(said, Close);
}

#[test]
fn an_interim_response_and_204_have_no_body() {
    for status in [100, 103, 204] {
        let mut made = Response::new();
        made.set_status(status, b"x").unwrap();
        made.fields_mut().add(b"content-length", b"0").unwrap();
        made.fields_mut().add(b"transfer-encoding", b"chunked").unwrap();
        for body in [BodyLength::Empty, BodyLength::Known(0), BodyLength::Unknown] {
            let (bytes, _, framing, _) = written_response(&made, &outbound(body, Connection::KeepAlive, V11));
            assert_eq!((bytes, framing), (format!("HTTP/1.1 {status} x\r\n\r\n"), Framing::None));
        }
    }
}

#[test]
fn names_as_a_peer_requires_them() {
    let mut names = CaseMap::new();
    assert!(names.is_empty());
    for name in ["Host", "Content-Length", "X-Forwarded-FOR", "Connection"] {
        assert!(names.add(name.as_bytes()));
    }
    assert!(!names.add(b"HOST"));
    names.add(b"Host");
    let out = Outbound {
        body: BodyLength::Known(1),
        connection: Connection::Close,
        peer: V11,
        names: Some(&names),
    };
    let text = "POST / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: b\r\nx: c\r\n\r\n";
    let expected = "POST / HTTP/1.1\r\nHost: a\r\nX-Forwarded-FOR: b\r\nx: c\r\nContent-Length: 1\r\nConnection: close\r\n\r\n";
    assert_eq!(written(&request(text), &out).0, expected);
}

#[test]
fn bytes_are_appended() {
    let made = request("GET / HTTP/1.0\r\n\r\n");
    let mut buffer = b"before".to_vec();
    write::request(&made, &outbound(BodyLength::Empty, Connection::KeepAlive, V11), &mut buffer);
    assert_eq!(buffer, b"beforeGET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
}
