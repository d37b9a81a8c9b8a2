//! A server's connection that speaks HTTP/1: one exchange after the other.
//!
//! A connection that its server has not closed is reset when it is dropped. The side that closes first keeps the pair
//! of ports in `TIME_WAIT`, and a proxy that closes a few hundred connections per second in order runs out of ports
//! towards a server. The reset loses nothing: the exchange is complete, or was abandoned.

use std::io;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use proto_core::layer::Prefixed;
use proto_core::stream::Stream;
use proxy_http::h1::write::{self, CaseMap, Connection, Outbound};
use proxy_http::h1::{BodyDecoder, Framing, Limits, ResponseParser};
use proxy_http::{BodyLength, Fields, Method, Request, Response};

use super::input::Input;
use super::output::Output;
use crate::exchange::back::{BackExchange, ResponseFacts, SerialBack};
use crate::exchange::body::{BodyIn, BodyOut, Part};
use crate::exchange::error::{Broken, ErrorCode};
use crate::exchange::memory::Memory;
use crate::exchange::{Continuation, StreamRef};

/// The most bytes read beyond the known rest of a body: as many chunks at a time as stay in a core's cache while they
/// are decoded. No other message follows a response, so none of them has to be buffered.
const AHEAD: u64 = 128 * 1024;

/// The stream of a connection, until it is taken or dropped.
#[derive(Debug)]
struct ServerStream(Option<Box<dyn Stream>>);

/// A server's connection that speaks HTTP/1.
#[derive(Debug)]
pub(crate) struct H1Back {
    stream: ServerStream,
    input: Input,
    output: Output,
    /// The parser of a head of which a part has arrived. Boxed: most heads arrive whole, and need none that lasts.
    parser: Option<Box<ResponseParser>>,
    body: BodyDecoder,
    /// The method of the request.
    method: Method,
    /// The framing of the request's body.
    framing: Framing,
    /// Whether the end of the request was sent.
    is_sent: bool,
    /// Whether the head of the response has arrived.
    is_answered: bool,
    /// Whether neither message has asked to close the connection.
    keep_alive: bool,
    names: Option<Arc<CaseMap>>,
}

impl H1Back {
    pub(crate) fn new(
        stream: Box<dyn Stream>,
        limits: Limits,
        names: Option<Arc<CaseMap>>,
        memory: &Rc<Memory>,
    ) -> H1Back {
        H1Back {
            stream: ServerStream(Some(stream)),
            input: Input::new(memory),
            output: Output::new(memory),
            parser: None,
            body: BodyDecoder::with_limits(Framing::None, limits),
            method: Method::Get,
            framing: Framing::None,
            is_sent: false,
            is_answered: false,
            keep_alive: true,
            names,
        }
    }
}

impl Drop for H1Back {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.0.take()
            && !self.input.is_at_end
        {
            stream.abort();
        }
    }
}

impl ServerStream {
    /// Takes the stream.
    fn take(&mut self) -> Box<dyn Stream> {
        self.0.take().expect("a stream that was not taken")
    }
}

impl Deref for ServerStream {
    type Target = dyn Stream;

    /// Panics only after `take`, which consumes the connection.
    fn deref(&self) -> &Self::Target {
        self.0.as_deref().expect("a stream that was not taken")
    }
}

impl DerefMut for ServerStream {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.as_deref_mut().expect("a stream that was not taken")
    }
}

impl BodyIn for H1Back {
    fn poll_body(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<Part, Broken>> {
        self.input.poll_body(cx, &mut *self.stream, &mut self.body, AHEAD, buffer)
    }

    fn trailers(&self) -> &Fields {
        self.body.trailers()
    }

    fn is_complete(&self) -> bool {
        self.is_answered && self.body.is_done()
    }
}

impl BodyOut for H1Back {
    fn send(&mut self, cx: &mut Context<'_>, data: &[u8], end: Option<&Fields>) -> io::Result<()> {
        self.is_sent |= end.is_some();
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

impl BackExchange for H1Back {
    fn send_head(&mut self, head: &Request, body: BodyLength, then: Continuation) {
        self.method = head.method();
        (self.is_sent, self.is_answered) = (false, false);
        let connection = match then {
            Continuation::KeepAlive => Connection::KeepAlive,
            Continuation::Close => Connection::Close,
            Continuation::Tunnel => Connection::Upgrade,
        };
        let outbound = Outbound { body, connection, peer: head.version(), names: self.names.as_deref() };
        let output = self.output.buffer();
        let written = write::request(head, &outbound, output);
        self.framing = written.body;
        self.keep_alive = written.connection != Connection::Close;
        if let write::Head::Wire(wire) = written.head {
            output.extend_from_slice(wire);
        }
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Response,
        buffer: &mut [u8],
    ) -> Poll<Result<ResponseFacts, Broken>> {
        loop {
            if !self.input.bytes.is_empty() {
                let parsed = match &mut self.parser {
                    Some(parser) => parser.parse(&mut self.input.bytes, head, self.method),
                    None => {
                        let mut parser = ResponseParser::new(self.body.limits());
                        let parsed = parser.parse(&mut self.input.bytes, head, self.method);
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
                        if !head.is_interim() {
                            self.is_answered = true;
                            self.keep_alive &= meta.keep_alive && !meta.tunnel;
                            self.body.restart(meta.body);
                        }
                        let then = if meta.tunnel { Continuation::Tunnel } else { Continuation::KeepAlive };
                        return Poll::Ready(Ok(ResponseFacts { body: meta.body.length(), then }));
                    }
                    Ok(None) => {}
                    Err(_) => return Poll::Ready(Err(Broken::Malformed)),
                }
            }
            match ready!(self.input.poll_more(cx, &mut *self.stream, buffer)) {
                // The server closed in the middle of a head.
                Ok(0) if !self.input.bytes.is_empty() => return Poll::Ready(Err(Broken::Malformed)),
                Ok(0) => return Poll::Ready(Err(Broken::Ended)),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    /// Closes the connection with the exchange: HTTP/1 cannot reset an exchange alone.
    fn reset(&mut self, _: ErrorCode) {
        self.keep_alive = false;
    }

    fn stream(&self) -> StreamRef<'_> {
        StreamRef::Own(&*self.stream)
    }

    fn failure(&self) -> Option<io::ErrorKind> {
        self.input.failure.or(self.output.failure())
    }

    fn into_stream(mut self: Box<Self>) -> Box<dyn Stream> {
        Prefixed::new(std::mem::take(&mut self.input.bytes), self.stream.take())
    }
}

impl SerialBack for H1Back {
    fn is_reusable(&self) -> bool {
        // Bytes that arrive before a request are not a response to it.
        let is_silent = self.input.bytes.is_empty() && !self.input.is_at_end;
        self.keep_alive && self.is_sent && self.is_complete() && is_silent && self.output.kept() == 0
    }

    fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool {
        let mut byte = [0];
        self.input.poll_more(cx, &mut *self.stream, &mut byte).is_pending()
    }
}
