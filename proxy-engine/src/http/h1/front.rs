//! A client's connection that speaks HTTP/1: one exchange after the other.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use proto_core::layer::Prefixed;
use proto_core::stream::Stream;
use proxy_http::h1::write::{self, CaseMap, Connection, Outbound};
use proxy_http::h1::{BodyDecoder, Framing, HeadErrorKind, Limits, RequestParser};
use proxy_http::{BodyLength, Fields, Method, Request, Response, Version};

use super::input::{AHEAD, Input};
use super::output::Output;
use crate::exchange::body::{BodyIn, BodyOut, Part};
use crate::exchange::error::{Broken, Departure, ErrorCode};
use crate::exchange::front::{Arrival, CloseFront, FrontExchange, RequestFacts, SerialFront};
use crate::exchange::memory::Memory;
use crate::exchange::pause::Pause;
use crate::exchange::turn::{TURN_STEPS, yield_turn};
use crate::exchange::{Continuation, StreamRef};

/// The most bytes of empty lines skipped before a request. Further ones count towards its head, which has a limit.
const EMPTY_LINES: usize = 1024;

/// A client's connection that speaks HTTP/1.
#[derive(Debug)]
pub(crate) struct H1Front {
    stream: Box<dyn Stream>,
    input: Input,
    output: Output,
    pause: Pause,
    /// The parser of a head of which a part has arrived. Boxed: most heads arrive whole, and need none that lasts.
    parser: Option<Box<RequestParser>>,
    body: BodyDecoder,
    /// The version of the request.
    version: Version,
    /// Whether the request was HEAD, whose responses have no body.
    is_head: bool,
    /// Whether the connection may carry another exchange after this one.
    keep_alive: bool,
    /// The framing of the response's body.
    framing: Framing,
    /// The bytes sent on the connection before the response.
    sent_before: u64,
    /// The bytes consumed and the bytes sent before the exchange began.
    begins: (u64, u64),
    names: Option<Arc<CaseMap>>,
    /// The bytes of empty lines skipped before the next request.
    skipped: usize,
    /// Whether the client may speak only HTTP/1: the preface of HTTP/2 is answered with an error then.
    is_alone: bool,
}

impl H1Front {
    pub(crate) fn new(
        stream: Box<dyn Stream>,
        limits: Limits,
        names: Option<Arc<CaseMap>>,
        memory: &Rc<Memory>,
        is_alone: bool,
    ) -> H1Front {
        H1Front {
            stream,
            input: Input::new(memory),
            output: Output::new(memory),
            pause: Pause::default(),
            parser: None,
            body: BodyDecoder::with_limits(Framing::None, limits),
            version: Version::HTTP_11,
            is_head: false,
            keep_alive: true,
            framing: Framing::None,
            sent_before: 0,
            begins: (0, 0),
            names,
            skipped: 0,
            is_alone,
        }
    }

    /// Skips empty lines before a request, up to `EMPTY_LINES` bytes.
    fn skip_empty_lines(&mut self) {
        let bytes = &self.input.bytes;
        let mut at = 0;
        while self.skipped + at < EMPTY_LINES {
            match &bytes[at..] {
                [b'\n', ..] => at += 1,
                [b'\r', b'\n', ..] => at += 2,
                _ => break,
            }
        }
        if at > 0 {
            self.input.bytes.drain(..at);
            self.input.release();
            self.skipped += at;
        }
    }

    /// Returns the number of bytes consumed since the connection began.
    fn consumed(&self) -> u64 {
        self.input.received - self.input.bytes.len() as u64
    }
}

impl BodyIn for H1Front {
    fn poll_body(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<Part, Broken>> {
        self.input.poll_body(cx, &mut *self.stream, &mut self.body, AHEAD, buffer)
    }

    fn trailers(&self) -> &Fields {
        self.body.trailers()
    }

    fn is_complete(&self) -> bool {
        self.body.is_done()
    }
}

impl BodyOut for H1Front {
    fn send(&mut self, cx: &mut Context<'_>, data: &[u8], end: Option<&Fields>) -> io::Result<()> {
        let names = self.names.as_deref();
        self.output.send(cx, &mut *self.stream, self.framing, names, data, end)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.output.poll_flush(cx, &mut *self.stream)
    }

    fn kept(&self) -> usize {
        self.output.kept()
    }
}

impl FrontExchange for H1Front {
    fn send_head(&mut self, head: &Response, body: BodyLength, then: Continuation) {
        let connection = match then {
            Continuation::Tunnel => Connection::Upgrade,
            Continuation::KeepAlive if self.keep_alive || head.is_interim() => Connection::KeepAlive,
            Continuation::KeepAlive | Continuation::Close => Connection::Close,
        };
        // Rules may have changed both: what counts is the method that the client sent, and the status that it gets.
        let has_none = self.is_head || head.status() < 200 || matches!(head.status(), 204 | 304);
        let body = match body {
            _ if has_none || then == Continuation::Tunnel => BodyLength::Empty,
            BodyLength::Empty => BodyLength::Known(0),
            body => body,
        };
        let outbound = Outbound { body, connection, peer: self.version, names: self.names.as_deref() };
        let kept = self.output.kept();
        let output = self.output.buffer();
        let written = write::response(head, &outbound, output);
        let (framing, connection) = (written.body, written.connection);
        if let write::Head::Wire(wire) = written.head {
            output.extend_from_slice(wire);
        }
        if !head.is_interim() {
            self.sent_before = self.output.sent() + kept as u64;
            self.framing = framing;
            self.keep_alive = connection == Connection::KeepAlive;
        }
    }

    fn poll_departure(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Departure> {
        // Pipelined bytes are buffered, up to the size of the buffer.
        while self.input.bytes.len() < buffer.len() {
            ready!(self.pause.poll(cx, self.input.budget(), &*self.stream));
            match ready!(self.input.poll_more(cx, &mut *self.stream, buffer)) {
                Ok(0) => return Poll::Ready(Departure::Closed),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                    // What was read of the next request is lost.
                    self.keep_alive = false;
                    return Poll::Ready(Departure::NoMemory);
                }
                Err(_) => return Poll::Ready(Departure::Broke),
            }
        }
        Poll::Pending
    }

    fn unsend(&mut self) -> bool {
        let possible = self.output.sent() == self.sent_before;
        if possible {
            self.output.clear();
            self.framing = Framing::None;
        }
        possible
    }

    /// Closes the connection with the exchange: HTTP/1 cannot reset an exchange alone.
    fn reset(&mut self, _: ErrorCode) {
        self.keep_alive = false;
    }

    fn stream(&self) -> StreamRef<'_> {
        StreamRef::Own(&*self.stream)
    }

    fn received(&self) -> u64 {
        self.consumed() - self.begins.0
    }

    fn sent(&self) -> u64 {
        self.output.sent() - self.begins.1
    }

    fn unread(&self) -> u64 {
        self.input.bytes.len() as u64
    }

    fn into_stream(self: Box<Self>) -> Box<dyn Stream> {
        Prefixed::new(self.input.bytes, self.stream)
    }
}

impl SerialFront for H1Front {
    fn poll_begin(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<bool>> {
        loop {
            self.skip_empty_lines();
            // A lone CR may be the first half of an empty line.
            if !matches!(&*self.input.bytes, [] | [b'\r']) || self.skipped >= EMPTY_LINES {
                break;
            }
            if ready!(self.input.poll_more(cx, &mut *self.stream, buffer))? == 0 {
                return Poll::Ready(Ok(false));
            }
        }
        self.skipped = 0;
        Poll::Ready(Ok(true))
    }

    fn poll_request(
        &mut self,
        cx: &mut Context<'_>,
        request: &mut Request,
        buffer: &mut [u8],
    ) -> Poll<Arrival> {
        loop {
            if !self.input.bytes.is_empty() {
                let parsed = match &mut self.parser {
                    Some(parser) => parser.parse(&mut self.input.bytes, request),
                    None => {
                        let mut parser = RequestParser::new(self.body.limits());
                        let parsed = parser.parse(&mut self.input.bytes, request);
                        if let Ok(None) = parsed {
                            self.parser = Some(Box::new(parser));
                        }
                        parsed
                    }
                };
                match parsed {
                    Ok(Some(meta)) => {
                        self.parser = None;
                        self.input.release();
                        self.body.restart(meta.body);
                        (self.version, self.keep_alive) = (request.version(), meta.keep_alive);
                        self.is_head = request.method() == Method::Head;
                        self.framing = Framing::None;
                        return Poll::Ready(Arrival::Request(RequestFacts {
                            body: meta.body.length(),
                            upgrade: meta.upgrade,
                            expects_continue: meta.expects_continue,
                        }));
                    }
                    Ok(None) => {}
                    Err(error) if error.kind == HeadErrorKind::Http2Preface && !self.is_alone => {
                        return Poll::Ready(Arrival::OtherProtocol);
                    }
                    Err(error) => return Poll::Ready(Arrival::Malformed(error.status())),
                }
            }
            match ready!(self.input.poll_more(cx, &mut *self.stream, buffer)) {
                Ok(0) => return Poll::Ready(Arrival::Ended),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                    return Poll::Ready(Arrival::NoMemory);
                }
                Err(_) => return Poll::Ready(Arrival::Failed),
            }
        }
    }

    fn is_kept_alive(&self) -> bool {
        self.keep_alive && self.body.is_done() && !self.input.is_at_end && self.output.kept() == 0
    }

    fn end_exchange(&mut self) {
        self.begins = (self.consumed(), self.output.sent());
        self.body.release();
    }
}

impl CloseFront for H1Front {
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut *self.stream).poll_shutdown(cx)
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<()> {
        for _ in 0..TURN_STEPS {
            self.input.bytes.clear();
            self.input.release();
            match ready!(self.input.poll_read(cx, &mut *self.stream, buffer)) {
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => {}
            }
        }
        yield_turn(cx);
        Poll::Pending
    }
}
