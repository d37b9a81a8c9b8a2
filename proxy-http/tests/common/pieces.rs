//! Pieces of messages that have a meaning for a parser, and some that are invalid.

pub(crate) const PIECES: &[&[u8]] = &[
    b"",
    b" ",
    b"\t",
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\r\n ",
    b":",
    b": ",
    b",",
    b";",
    b"\"",
    b"\\",
    b"/",
    b"?",
    b"#",
    b"*",
    b"@",
    b"[",
    b"]",
    b"\0",
    b"\x7f",
    b"\xff",
    b"0",
    b"1",
    b"5",
    b"80",
    b"443",
    b"9223372036854775808",
    b"ffffffffffffff",
    b"a",
    b"B",
    b"hello",
    b"0\r\n",
    b"0\r\n\r\n",
    b"5\r\nhello\r\n",
    b"5;a=\"b\"\r\nhello\r\n",
    b"GET / HTTP/1.1\r\n",
    b"GET / HTTP/1.0\r\n",
    b"POST /a?b HTTP/1.1\r\n",
    b"HEAD / HTTP/1.1\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"CONNECT a:443 HTTP/1.1\r\n",
    b"GET http://a:80 HTTP/1.1\r\n",
    b"GET http://",
    b" HTTP/1.1\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 100 x\r\n",
    b"HTTP/1.1 101 x\r\n",
    b"HTTP/1.1 204 x\r\n",
    b"HTTP/1.1 304\r\n",
    b"Host: a\r\n",
    b"Host: ",
    b"Content-Length: 5\r\n",
    b"Content-Length: ",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: ",
    b"chunked",
    b"gzip",
    b"Connection: ",
    b"Connection: close\r\n",
    b"close",
    b"keep-alive",
    b"upgrade",
    b"Upgrade: ",
    b"Upgrade: websocket\r\n",
    b"h2c",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    b"Sec-WebSocket-Accept: x\r\n",
    b"TE: trailers, gzip\r\n",
    b"Expect: 100-continue\r\n",
    b"X: y\r\n",
];

/// Expands choices: each byte is a piece or itself, so that an engine can find both.
pub(crate) fn bytes_of(choices: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for choice in choices {
        match PIECES.get(usize::from(*choice).wrapping_sub(0x80)) {
            Some(piece) => bytes.extend_from_slice(piece),
            None => bytes.push(*choice),
        }
    }
    bytes
}

const NAMES: &[&str] = &[
    "X",
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "Upgrade",
    "TE",
    "Expect",
    "Sec-WebSocket-Key",
    "Cookie",
];

const VALUES: &[&str] = &[
    "",
    "a",
    "A",
    "a:80",
    "a, b",
    "5",
    "05",
    "5, 5",
    "0",
    "6",
    "chunked",
    "Chunked",
    "gzip, chunked",
    "close",
    "keep-alive, x",
    "upgrade",
    "x, Upgrade, close",
    "x",
    "websocket",
    "h2c, x",
    "trailers",
    "gzip, trailers",
    "100-continue",
    "dGhlIHNhbXBsZSBub25jZQ==",
    "\"a, b\", close",
    "a\r\n b",
    " a ",
    "a\tb",
];

const LINES: &[&str] = &[
    "GET / HTTP/1.1",
    "POST /a?b HTTP/1.1",
    "HEAD / HTTP/1.0",
    "PUT / HTTP/1.0",
    "CONNECT a:80 HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "GET http://a:80 HTTP/1.1",
    "POST http://a/ HTTP/2.0",
    "GET  / HTTP/0.9",
];

const STATUSES: &[&str] = &[
    "HTTP/1.1 200 OK",
    "HTTP/1.1 200",
    "HTTP/1.0 200 OK",
    "HTTP/1.1 204 x",
    "HTTP/1.1 304 x",
    "HTTP/1.1 101 x",
    "HTTP/1.1 100 x",
    "HTTP/1.2 404 not found",
    "HTTP/0.9 200  x",
];

const BODIES: &[&str] =
    &["", "hello", "5\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n0\r\nX: y\r\nHost: a\r\n\r\n", "0\r\n"];

fn choose<'a>(list: &[&'a str], choice: u8) -> &'a str {
    list[usize::from(choice) % list.len()]
}

/// Builds a message whose lines are well-formed, from pieces that the choices select.
pub(crate) fn message_of(choices: &[u8], is_request: bool) -> Vec<u8> {
    let [line, body, fields @ ..] = choices else { return Vec::new() };
    let mut message = choose(if is_request { LINES } else { STATUSES }, *line).to_owned() + "\r\n";
    for pair in fields.chunks_exact(2) {
        message = message + choose(NAMES, pair[0]) + ": " + choose(VALUES, pair[1]) + "\r\n";
    }
    (message + "\r\n" + choose(BODIES, *body)).into_bytes()
}
