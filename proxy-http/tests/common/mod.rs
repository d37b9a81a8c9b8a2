//! Passes messages through the codec as a proxy does, in any pieces.
#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub(crate) mod laws;
pub(crate) mod pieces;

use proxy_http::h1::write::{self, CHUNK_END, ChunkHead, Connection, Head, Outbound};
use proxy_http::h1::{
    BodyDecoder, Framing, Limits, RequestMeta, RequestParser, ResponseMeta, ResponseParser,
};
use proxy_http::{Method, Request, Response, Version};

/// The result for some bytes: the messages written for the other side, and the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    /// The messages written; the last may be incomplete.
    pub(crate) messages: Vec<Vec<u8>>,
    /// The status of the reply, or 502 for a response, if the next message was refused.
    pub(crate) refused: Option<u16>,
    /// The offset of the error, and its kind.
    pub(crate) error: Option<String>,
}

/// The data of a body and its end; the data in one piece, so that the pieces of the input have no effect.
struct Body {
    decoder: BodyDecoder,
    framing: Framing,
    data: Vec<u8>,
}

impl Body {
    fn new(framing: Framing) -> Body {
        Body { decoder: BodyDecoder::new(framing), framing, data: Vec::new() }
    }

    /// Reads as much of the input as possible. Returns whether the body is complete.
    fn read(&mut self, input: &mut Vec<u8>) -> Result<bool, proxy_http::h1::BodyError> {
        let decoded = self.decoder.decode(input)?;
        self.data.extend_from_slice(&input[..decoded.data]);
        input.drain(..decoded.consumed);
        Ok(self.decoder.is_done())
    }

    fn write(&self, framing: Framing, output: &mut Vec<u8>) {
        if framing != Framing::Chunked {
            output.extend_from_slice(&self.data);
            return;
        }
        if !self.data.is_empty() {
            output.extend_from_slice(ChunkHead::new(self.data.len() as u64).as_bytes());
            output.extend_from_slice(&self.data);
            output.extend_from_slice(CHUNK_END);
        }
        if self.decoder.is_done() {
            write::last_chunk(self.decoder.trailers(), None, output);
        }
    }
}

/// Writes the head of a request for a server whose connection is kept.
pub(crate) fn request_head(request: &Request, meta: &RequestMeta, output: &mut Vec<u8>) -> Framing {
    let outbound = Outbound {
        body: meta.body.length(),
        connection: Connection::KeepAlive,
        peer: Version::HTTP_11,
        names: None,
    };
    let written = write::request(request, &outbound, output);
    if let Head::Wire(wire) = written.head {
        // Sending the message unchanged has the same result as writing it.
        let mut changed = request.clone();
        changed.set_method(request.method_name()).unwrap();
        let encoded = write::request(&changed, &outbound, output);
        assert_eq!((encoded.head, encoded.body), (Head::Encoded, written.body));
        assert_eq!(output.escape_ascii().to_string(), wire.escape_ascii().to_string());
    }
    written.body
}

/// Passes all requests of some bytes through the codec, in pieces that end at these offsets.
pub(crate) fn requests(bytes: &[u8], cuts: &[usize], limits: Limits) -> Passed {
    let mut passed = Passed::default();
    let mut parser = RequestParser::new(limits);
    let (mut input, mut request) = (Vec::new(), Request::new());
    let mut current: Option<(Vec<u8>, Framing, Body)> = None;
    let mut from = 0;
    for to in cuts.iter().copied().chain([bytes.len()]) {
        input.extend_from_slice(&bytes[from..to]);
        from = to;
        loop {
            let Some((_, _, body)) = &mut current else {
                match parser.parse(&mut input, &mut request) {
                    Ok(None) => break,
                    Ok(Some(meta)) => {
                        let mut head = Vec::new();
                        let framing = request_head(&request, &meta, &mut head);
                        current = Some((head, framing, Body::new(meta.body)));
                    }
                    Err(error) => {
                        passed.refused = Some(error.status());
                        passed.error = Some(error.to_string());
                        return passed;
                    }
                }
                continue;
            };
            match body.read(&mut input) {
                Ok(true) => {
                    let (mut message, framing, body) = current.take().unwrap();
                    body.write(framing, &mut message);
                    passed.messages.push(message);
                }
                Ok(false) => break,
                Err(error) => {
                    passed.refused = Some(400);
                    passed.error = Some(error.to_string());
                    return passed;
                }
            }
        }
    }
    if let Some((mut message, framing, body)) = current {
        body.write(framing, &mut message);
        passed.messages.push(message);
    }
    passed
}

/// The request to which a response belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Get,
    Head,
    Get10,
    Get10KeepAlive,
    Connect,
    Upgrade,
    WebSocket,
}

impl Asked {
    fn method(self) -> Method {
        match self {
            Asked::Head => Method::Head,
            Asked::Connect => Method::Connect,
            _ => Method::Get,
        }
    }

    fn version(self) -> Version {
        match self {
            Asked::Get10 | Asked::Get10KeepAlive => Version::HTTP_10,
            _ => Version::HTTP_11,
        }
    }
}

/// Writes the head of a response for a client.
pub(crate) fn response_head(
    response: &Response,
    meta: &ResponseMeta,
    asked: Asked,
    output: &mut Vec<u8>,
) -> Framing {
    let outbound = Outbound {
        body: meta.body.length(),
        connection: match asked {
            _ if meta.tunnel => Connection::Upgrade,
            Asked::Get10 => Connection::Close,
            _ if meta.body == Framing::UntilClose => Connection::Close,
            _ => Connection::KeepAlive,
        },
        peer: asked.version(),
        names: None,
    };
    let written = write::response(response, &outbound, output);
    if let Head::Wire(wire) = written.head {
        let mut changed = response.clone();
        changed.set_status(response.status(), response.reason()).unwrap();
        let encoded = write::response(&changed, &outbound, output);
        assert_eq!((encoded.head, encoded.body), (Head::Encoded, written.body));
        assert_eq!(output.escape_ascii().to_string(), wire.escape_ascii().to_string());
    }
    written.body
}

/// Passes the responses to one request through the codec: the interim ones, and the final one.
pub(crate) fn responses(bytes: &[u8], cuts: &[usize], asked: Asked) -> Passed {
    let mut passed = Passed::default();
    let mut parser = ResponseParser::new(Limits::default());
    let (mut input, mut response) = (Vec::new(), Response::new());
    let mut current: Option<(Vec<u8>, Framing, Body)> = None;
    let mut is_over = false;
    let mut from = 0;
    for to in cuts.iter().copied().chain([bytes.len()]) {
        input.extend_from_slice(&bytes[from..to]);
        from = to;
        while !is_over {
            let Some((_, _, body)) = &mut current else {
                match parser.parse(&mut input, &mut response, asked.method()) {
                    Ok(None) => break,
                    Ok(Some(meta)) => {
                        let mut head = Vec::new();
                        let framing = response_head(&response, &meta, asked, &mut head);
                        if response.is_interim() {
                            passed.messages.push(head);
                            continue;
                        }
                        // A tunnel ends with the connection only.
                        let body = if meta.tunnel { Framing::UntilClose } else { meta.body };
                        current = Some((head, framing, Body::new(body)));
                    }
                    Err(error) => {
                        passed.refused = Some(502);
                        passed.error = Some(error.to_string());
                        return passed;
                    }
                }
                continue;
            };
            match body.read(&mut input) {
                Ok(is_done) => {
                    is_over = is_done;
                    break;
                }
                Err(error) => {
                    passed.refused = Some(502);
                    passed.error = Some(error.to_string());
                    return passed;
                }
            }
        }
    }
    if let Some((mut message, framing, mut body)) = current {
        if body.framing == Framing::UntilClose {
            body.decoder.end_of_input().unwrap();
        }
        body.write(framing, &mut message);
        passed.messages.push(message);
    }
    passed
}

/// Returns the ways in which bytes are split: not at all, everywhere, and once at each place.
pub(crate) fn cuts(length: usize) -> impl Iterator<Item = Vec<usize>> {
    // For long input not every place is tried.
    let stride = length / 2_000 + 1;
    [Vec::new(), (1..length).collect()].into_iter().chain((1..length).step_by(stride).map(|at| vec![at]))
}

/// Returns text to compare and to print.
pub(crate) fn shown(messages: &[Vec<u8>]) -> Vec<String> {
    messages.iter().map(|message| message.escape_ascii().to_string()).collect()
}
