//! A client's connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::layer::Prefixed;
use proto_core::stream::Stream;
use proxy_http::{BodyLength, Method, Request, Response};

use super::{Records, add, name_upgrade};
use crate::exchange::body::{BodyIn, BodyOut};
use crate::exchange::error::{Departure, ErrorCode};
use crate::exchange::front::{Arrival, FrontExchange, RequestFacts, SerialFront};
use crate::exchange::memory::Memory;
use crate::exchange::{Continuation, StreamRef};
use crate::tests::http::format::{REQUEST, RESPONSE};

impl FrontExchange for Records {
    fn send_head(&mut self, head: &Response, body: BodyLength, then: Continuation) {
        let before = self.sent + self.output.len() as u64;
        // Rules may have changed the status: what counts is what the client has asked, and is told.
        let has_none =
            self.method == Method::Head || head.status() < 200 || matches!(head.status(), 204 | 304);
        let body = if has_none { BodyLength::Empty } else { body };
        self.put_head(RESPONSE, ("status", &head.status().to_string()), body, head.fields());
        if !head.is_interim() {
            self.sent_before = before;
            self.goes_on &= then == Continuation::KeepAlive;
        }
    }

    fn poll_departure(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Departure> {
        while self.input.len() < room.len() {
            match ready!(self.poll_more(cx, room)) {
                Ok(0) => return Poll::Ready(Departure::Closed),
                Ok(_) => {}
                Err(_) => return Poll::Ready(Departure::Broke),
            }
        }
        Poll::Pending
    }

    fn unsend(&mut self) -> bool {
        let possible = self.sent == self.sent_before;
        if possible {
            self.output.clear();
        }
        possible
    }

    fn reset(&mut self, _: ErrorCode) {
        self.goes_on = false;
    }

    fn stream(&self) -> StreamRef<'_> {
        StreamRef::Own(&*self.stream)
    }

    fn received(&self) -> u64 {
        self.received - self.input.len() as u64 - self.begins.0
    }

    fn sent(&self) -> u64 {
        self.sent - self.begins.1
    }

    fn unread(&self) -> u64 {
        self.input.len() as u64
    }

    fn into_stream(self: Box<Self>) -> Box<dyn Stream> {
        Prefixed::new(self.input, self.stream)
    }
}

impl SerialFront for Records {
    fn poll_begin(&mut self, cx: &mut Context<'_>, room: &mut [u8], _: &Memory) -> Poll<io::Result<bool>> {
        if self.input.is_empty() {
            return self.poll_more(cx, room).map_ok(|n| n > 0);
        }
        Poll::Ready(Ok(true))
    }

    fn poll_request(
        &mut self,
        cx: &mut Context<'_>,
        request: &mut Request,
        room: &mut [u8],
    ) -> Poll<Arrival> {
        loop {
            match self.take_head(REQUEST) {
                Some(Ok(((method, target), body, fields))) => {
                    request.set_method(method.as_bytes()).unwrap();
                    request.set_target(target.as_bytes()).unwrap();
                    add(request.fields_mut(), &fields);
                    self.method = request.method();
                    let upgrade = name_upgrade(request.fields_mut());
                    let expects_continue = request.fields().get(b"expect") == Some(b"100-continue");
                    return Poll::Ready(Arrival::Request(RequestFacts { body, upgrade, expects_continue }));
                }
                Some(Err(_)) => return Poll::Ready(Arrival::Malformed(400)),
                None => match ready!(self.poll_more(cx, room)) {
                    Ok(0) => return Poll::Ready(Arrival::Ended),
                    Ok(_) => {}
                    Err(_) => return Poll::Ready(Arrival::Failed),
                },
            }
        }
    }

    fn is_kept_alive(&self) -> bool {
        self.goes_on && self.is_complete() && !self.is_at_end && self.output.is_empty()
    }

    fn end_exchange(&mut self, _: &Memory) {
        self.begins = (self.received - self.input.len() as u64, self.sent);
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut *self.stream).poll_shutdown(cx)
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<()> {
        while let Ok(1..) = ready!(self.poll_read(cx, room)) {}
        Poll::Ready(())
    }
}
