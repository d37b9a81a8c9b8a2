//! What the parsers return besides the message: body, connection, and errors.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proxy_http::h1::{
    Framing, HeadErrorKind, Limits, RequestMeta, RequestParser, ResponseMeta, ResponseParser,
};
use proxy_http::{BodyLength, Method, Request, Response, TooLarge, Version};

fn parse(text: &str) -> (Request, RequestMeta) {
    let (mut input, mut request) = (text.as_bytes().to_vec(), Request::new());
    let meta = RequestParser::new(Limits::default()).parse(&mut input, &mut request);
    (request, meta.expect("a request").expect("a whole one"))
}

fn refused(bytes: &[u8], limits: Limits) -> (HeadErrorKind, usize, u16) {
    let error = RequestParser::new(limits).parse(&mut bytes.to_vec(), &mut Request::new());
    let error = error.expect_err("no request");
    (error.kind, error.position, error.status())
}

fn parse_response(text: &str, to: Method) -> ResponseMeta {
    let (mut input, mut response) = (text.as_bytes().to_vec(), Response::new());
    let meta = ResponseParser::new(Limits::default()).parse(&mut input, &mut response, to);
    meta.expect("a response").expect("a whole one")
}

#[test]
fn the_parts_of_a_request() {
    let (request, meta) = parse("POST /a?b HTTP/1.1\r\nHost: c\r\nX:  d \r\nContent-Length: 5\r\n\r\n");
    assert_eq!((request.method(), request.method_name()), (Method::Post, &b"POST"[..]));
    assert_eq!((request.target(), request.version()), (&b"/a?b"[..], Version::HTTP_11));
    let fields: Vec<_> = request.fields().iter().map(|field| (field.name, field.value)).collect();
    let expected: [(&[u8], &[u8]); 3] = [(b"host", b"c"), (b"x", b"d"), (b"content-length", b"5")];
    assert_eq!(fields, expected);
    assert_eq!((meta.body, meta.body.length()), (Framing::Length(5), BodyLength::Known(5)));
    assert_eq!(request.wire(), None, "the spaces are not written");
    let (plain, _) = parse("GET / HTTP/1.1\r\nHost: c\r\n\r\n");
    assert_eq!(plain.wire(), Some(&b"GET / HTTP/1.1\r\nhost: c\r\n\r\n"[..]));
}

#[test]
fn what_follows_the_head_stays() {
    let (mut parser, mut request) = (RequestParser::new(Limits::default()), Request::new());
    let mut input = b"\r\nGET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n\r\n".to_vec();
    assert!(parser.is_idle());
    assert!(parser.parse(&mut input, &mut request).unwrap().is_some());
    assert_eq!((request.target(), &input[..]), (&b"/1"[..], &b"GET /2 HTTP/1.1\r\n\r\n\r\n"[..]));
    assert!(parser.parse(&mut input, &mut request).unwrap().is_some());
    assert_eq!((request.target(), &input[..]), (&b"/2"[..], &b"\r\n"[..]));
    assert!(parser.parse(&mut input, &mut request).unwrap().is_none());
    assert!(parser.is_idle(), "an empty line begins no message");
    input.push(b'G');
    assert!(parser.parse(&mut input, &mut request).unwrap().is_none());
    assert!(!parser.is_idle());
    parser.reset();
    assert!(parser.is_idle());
}

#[test]
fn what_follows_takes_no_room_of_the_message() {
    let mut request = Request::new();
    request.fields_mut().set_limit(100);
    let mut input = [&b"GET / HTTP/1.1\r\n\r\n"[..], &[b'x'; 1_000]].concat();
    RequestParser::new(Limits::default()).parse(&mut input, &mut request).unwrap().unwrap();
    assert_eq!(request.fields_mut().add(b"a", &[b'b'; 50]), Ok(()));
    assert_eq!(request.fields_mut().add(b"a", &[b'b'; 50]), Err(TooLarge));
}

#[test]
fn whether_a_client_keeps_its_connection() {
    for (line, fields, keep_alive) in [
        ("GET / HTTP/1.1", "", true),
        ("GET / HTTP/1.1", "connection: close\r\n", false),
        ("GET / HTTP/1.1", "connection: x, Close\r\n", false),
        ("GET / HTTP/1.1", "connection: keep-alive, close\r\n", false),
        ("GET / HTTP/1.0", "", false),
        ("GET / HTTP/1.0", "connection: Keep-Alive\r\n", true),
        ("GET / HTTP/0.9", "", false),
        ("GET / HTTP/2.0", "", true),
        // A client that sends both lengths may mean either, so nothing may follow.
        ("POST / HTTP/1.1", "transfer-encoding: chunked\r\ncontent-length: 1\r\n", false),
        ("POST / HTTP/1.0", "transfer-encoding: chunked\r\nconnection: keep-alive\r\n", false),
    ] {
        assert_eq!(parse(&format!("{line}\r\n{fields}\r\n")).1.keep_alive, keep_alive, "{line} {fields}");
    }
}

#[test]
fn upgrade_and_expectation() {
    let upgrade = |fields: &str| parse(&format!("GET / HTTP/1.1\r\n{fields}\r\n")).1.upgrade;
    assert!(upgrade("connection: upgrade\r\nupgrade: x\r\n"));
    assert!(!upgrade("upgrade: x\r\n"));
    assert!(!upgrade("connection: upgrade\r\n"));
    assert!(!upgrade("connection: upgrade\r\nupgrade: h2c\r\n"));
    let expects = |version: &str, value: &str| {
        parse(&format!("PUT / HTTP/{version}\r\nexpect: {value}\r\ncontent-length: 1\r\n\r\n"))
            .1
            .expects_continue
    };
    assert!(expects("1.1", "100-Continue"));
    assert!(!expects("1.0", "100-continue"));
    assert!(!expects("1.1", "200-ok"));
}

#[test]
fn errors_have_a_kind_and_a_position() {
    use HeadErrorKind as Kind;
    let strict = Limits::default();
    for (text, kind, position, status) in [
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Kind::Http2Preface, 0, 405),
        ("PRI * HTTP/2.0\r\n\r\n", Kind::Http2Preface, 0, 405),
        ("PRI * HTTP/1.1\r\n\r\n", Kind::Method, 0, 400),
        ("pri / HTTP/2.0\r\n\r\n", Kind::Method, 0, 400),
        ("\u{16}\u{3}\u{1}", Kind::TlsHello, 0, 400),
        ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", Kind::ProxyLine, 20, 400),
        ("PROXY UNKNOWN\r\n", Kind::ProxyLine, 13, 400),
        ("\r\n\r\n\0\r\nQUIT\n", Kind::ProxyLine, 4, 400),
        (" GET / HTTP/1.1\r\n", Kind::Start, 0, 400),
        ("\r\rGET", Kind::LineEnd, 1, 400),
        ("GE(T / HTTP/1.1\r\n", Kind::Method, 2, 400),
        ("GET /#a HTTP/1.1\r\n", Kind::Target, 5, 400),
        ("GET a HTTP/1.1\r\n\r\n", Kind::TargetForm, 4, 400),
        ("CONNECT a HTTP/1.1\r\n\r\n", Kind::TargetForm, 8, 400),
        ("GET / HTTP/1.x\r\n", Kind::Version, 13, 400),
        ("GET / HTTP/11\r\n", Kind::Version, 6, 400),
        ("GET /\r\n", Kind::Version, 5, 400),
        ("GET / HTTP/1.1\r\nA B: c\r\n", Kind::FieldName, 17, 400),
        ("GET / HTTP/1.1\r\nA: \0\r\n", Kind::FieldValue, 19, 400),
        ("GET / HTTP/1.1\r\nA: b\rc\r\n", Kind::LineEnd, 21, 400),
        ("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", Kind::ContentLength, 32, 400),
        ("GET / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n", Kind::TransferEncoding, 35, 400),
        ("GET / HTTP/1.1\r\nTransfer-Encoding: x, chunked\r\n\r\n", Kind::UnknownCoding, 35, 422),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", Kind::Host, 31, 400),
        ("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", Kind::HostMismatch, 30, 400),
        ("GET / HTTP/1.0\r\nContent-Length: 1\r\n\r\n", Kind::UnexpectedBody, 0, 413),
        ("GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", Kind::WebSocketKey, 0, 400),
    ] {
        assert_eq!(refused(text.as_bytes(), strict), (kind, position, status), "{text:?}");
    }
    let short = Limits { head: 20, ..strict };
    assert_eq!(refused(b"GET /aaaaaaaaaaaaaaaaaaaaaaaa", short), (Kind::LineTooLong, 20, 414));
    assert_eq!(refused(b"GET / HTTP/1.1\r\na: b\r\n\r\n", short), (Kind::TooLarge, 20, 431));
    let few = Limits { fields: 2, ..strict };
    assert_eq!(refused(b"GET / HTTP/1.1\r\na: b\r\nc: d\r\n\r\n", few), (Kind::TooManyFields, 22, 400));
}

#[test]
fn an_error_is_reported_at_its_first_byte() {
    for text in ["GET /\x7f", "GET / HTTP/1.1\r\nA ", "G\0", "GET / HTTP/1.1\r\nA: b\rc"] {
        let mut parser = RequestParser::new(Limits::default());
        let (mut input, mut request) = (Vec::new(), Request::new());
        for (at, byte) in text.bytes().enumerate() {
            input.push(byte);
            assert_eq!(
                parser.parse(&mut input, &mut request).is_err(),
                at + 1 == text.len(),
                "{text:?} {at}"
            );
        }
    }
}

#[test]
fn what_is_unsafe_is_accepted_if_configured() {
    let lax = Limits { accept_unsafe: true, ..Limits::default() };
    for (text, target, fields) in [
        ("GET /\u{e4}#b HTTP/1.1\r\n\r\n", "/\u{e4}#b", &[][..]),
        ("GET / HTTP/1.1\r\nA: b\0\r\n\r\n", "/", &["a: b\0"]),
        // A field whose name other recipients cannot read is removed.
        ("GET / HTTP/1.1\r\nA B: c\r\nD : e\r\nF: g\r\n\r\n", "/", &["f: g"]),
        ("GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", "/", &[]),
        ("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", "http://a/", &["host: b"]),
        ("CONNECT a HTTP/1.1\r\nHost: b\r\n\r\n", "a", &["host: b"]),
        ("GET /a\r\n", "/a", &[]),
        (
            "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            "/",
            &["connection: upgrade", "upgrade: websocket"],
        ),
    ] {
        let (mut input, mut request) = (text.as_bytes().to_vec(), Request::new());
        let meta = RequestParser::new(lax).parse(&mut input, &mut request).expect(text).expect(text);
        assert_eq!(meta.body, Framing::None, "{text:?}");
        assert_eq!(str::from_utf8(request.target()), Ok(target));
        let found = request
            .fields()
            .iter()
            .map(|it| format!("{}: {}", String::from_utf8_lossy(it.name), String::from_utf8_lossy(it.value)));
        assert_eq!(found.collect::<Vec<_>>(), fields, "{text:?}");
        refused(text.as_bytes(), Limits::default());
    }
    // The body still has only one possible end.
    for text in [
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "POST / HTTP/1.1\r\nA\r\n: b\r\n\r\n",
        "POST /\r\n",
        "GET / RTSP/1.0\r\n\r\n",
    ] {
        refused(text.as_bytes(), lax);
    }
    let any = Limits { body_with_any_method: true, ..Limits::default() };
    let mut input = b"GET / HTTP/1.0\r\nContent-Length: 1\r\n\r\n".to_vec();
    let meta = RequestParser::new(any).parse(&mut input, &mut Request::new()).unwrap().unwrap();
    assert_eq!(meta.body, Framing::Length(1));
}

#[test]
fn how_a_response_ends_and_whether_the_server_keeps_its_connection() {
    use Method::{Connect, Get, Head};
    let chunked = "transfer-encoding: chunked\r\n";
    for (line, fields, to, body, keep_alive, tunnel) in [
        ("HTTP/1.1 200 a", "", Get, Framing::UntilClose, false, false),
        ("HTTP/1.1 200 a", "content-length: 0\r\n", Get, Framing::Length(0), true, false),
        ("HTTP/1.1 200 a", chunked, Get, Framing::Chunked, true, false),
        ("HTTP/1.0 200 a", chunked, Get, Framing::Chunked, false, false),
        ("HTTP/1.0 200 a", "content-length: 1\r\n", Get, Framing::Length(1), false, false),
        (
            "HTTP/1.0 200 a",
            "content-length: 1\r\nconnection: keep-alive\r\n",
            Get,
            Framing::Length(1),
            true,
            false,
        ),
        (
            "HTTP/1.1 200 a",
            "content-length: 1\r\nconnection: close\r\n",
            Get,
            Framing::Length(1),
            false,
            false,
        ),
        (
            "HTTP/1.1 200 a",
            "content-length: 1\r\ntransfer-encoding: chunked\r\n",
            Get,
            Framing::Chunked,
            false,
            false,
        ),
        ("HTTP/1.1 200 a", "content-length: 1\r\n", Head, Framing::None, true, false),
        ("HTTP/1.1 304 a", chunked, Get, Framing::None, true, false),
        ("HTTP/1.1 204 a", "content-length: 1\r\n", Get, Framing::None, true, false),
        ("HTTP/1.1 103 a", chunked, Get, Framing::None, true, false),
        ("HTTP/1.1 101 a", "content-length: 1\r\n", Get, Framing::None, false, true),
        ("HTTP/1.1 200 a", "content-length: 1\r\n", Connect, Framing::None, false, true),
        ("HTTP/1.1 407 a", "content-length: 1\r\n", Connect, Framing::Length(1), true, false),
    ] {
        let meta = parse_response(&format!("{line}\r\n{fields}\r\n"), to);
        assert_eq!(meta, ResponseMeta { body, keep_alive, tunnel }, "{line} {fields} to {to:?}");
    }
}
