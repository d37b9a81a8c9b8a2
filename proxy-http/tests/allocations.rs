//! After a few messages a connection allocates no more memory, however many follow.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/counting.rs"]
mod counting;

use proxy_http::h1::write::{self, ChunkHead, Connection, Outbound};
use proxy_http::h1::{BodyDecoder, Framing, Limits, RequestParser, ResponseParser};
use proxy_http::{Method, Request, Response, Version};

const REQUESTS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nhost: a\r\nuser-agent: b\r\naccept: */*\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x\r\nCookie: c\r\nHost: a\r\nX:  y\r\n z\r\n\r\n",
    b"POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello",
    b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x\r\nabc\r\n0\r\nX: y\r\n\r\n",
    b"GET http://a:80?x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
];

const RESPONSES: &[&[u8]] = &[
    b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
];

/// The buffers of a connection.
struct Side {
    input: Vec<u8>,
    output: Vec<u8>,
    decoder: BodyDecoder,
}

impl Side {
    fn new() -> Side {
        Side { input: Vec::new(), output: Vec::new(), decoder: BodyDecoder::new(Framing::None) }
    }

    fn outbound(body: Framing, peer: Version) -> Outbound<'static> {
        Outbound { body: body.length(), connection: Connection::KeepAlive, peer, names: None }
    }

    fn body(&mut self, framing: Framing) {
        self.decoder.restart(framing);
        let decoded = self.decoder.decode(&mut self.input).unwrap();
        assert!(self.decoder.is_done());
        if decoded.data > 0 {
            self.output.extend_from_slice(ChunkHead::new(decoded.data as u64).as_bytes());
            self.output.extend_from_slice(&self.input[..decoded.data]);
        }
        write::last_chunk(self.decoder.trailers(), None, &mut self.output);
        self.input.drain(..decoded.consumed);
    }
}

/// Returns the number of allocations in each round of all messages.
fn rounds(mut round: impl FnMut()) -> Vec<usize> {
    (0..200)
        .map(|_| {
            let before = counting::asked();
            round();
            counting::asked() - before
        })
        .collect()
}

fn settles(counts: &[usize]) {
    assert!(counts[0] > 0, "counting counts");
    // The buffers are swapped, so each has to hold the largest message once.
    assert_eq!(counts[10..].iter().sum::<usize>(), 0, "{counts:?}");
}

#[test]
fn requests() {
    let (mut parser, mut request) = (RequestParser::new(Limits::default()), Request::new());
    let mut side = Side::new();
    settles(&rounds(|| {
        for bytes in REQUESTS {
            // Once as one piece, once in two, and then followed by the next message.
            for cut in [bytes.len(), 20] {
                side.output.clear();
                side.input.extend_from_slice(&bytes[..cut]);
                let mut meta = parser.parse(&mut side.input, &mut request).unwrap();
                if meta.is_none() {
                    side.input.extend_from_slice(&bytes[cut..]);
                    meta = parser.parse(&mut side.input, &mut request).unwrap();
                }
                let body = meta.unwrap().body;
                write::request(&request, &Side::outbound(body, Version::HTTP_11), &mut side.output);
                request.fields_mut().set(b"x-forwarded-for", b"192.0.2.1").unwrap();
                write::request(&request, &Side::outbound(body, Version::HTTP_11), &mut side.output);
                side.body(body);
            }
        }
    }));
    assert!(side.output.len() > 100);
}

#[test]
fn responses() {
    let (mut parser, mut response) = (ResponseParser::new(Limits::default()), Response::new());
    let mut side = Side::new();
    settles(&rounds(|| {
        for bytes in RESPONSES {
            side.output.clear();
            side.input.extend_from_slice(bytes);
            let body = parser.parse(&mut side.input, &mut response, Method::Get).unwrap().unwrap().body;
            write::response(&response, &Side::outbound(body, Version::HTTP_10), &mut side.output);
            response.set_status(502, b"").unwrap();
            write::response(&response, &Side::outbound(body, Version::HTTP_11), &mut side.output);
            side.body(body);
        }
    }));
    assert!(side.output.len() > 100);
}
