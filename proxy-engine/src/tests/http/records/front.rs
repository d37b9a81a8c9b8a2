//! A client's connection.

use std::io;
use std::pin::Pin;
use std::sync::{MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Method, Request, Response};

use super::exchange::{RecordsExchange, add, name_upgrade};
use super::link::{Link, poll_read};
use super::{SharedLink, Socket};
use crate::exchange::error::{Broken, Departure, ErrorCode};
use crate::exchange::front::{CloseFront, Front, FrontExchange, MultiplexedFront, Opening, RequestFacts};
use crate::exchange::{Continuation, StreamRef};
use crate::tests::http::format::{REQUEST, RESPONSE};

pub(super) fn front(stream: Box<dyn Stream>) -> Front {
    let link = SharedLink::new(Link::to_client().into());
    Front::Multiplexed(Box::new(RecordsFront { link, socket: Socket::new(stream.into()) }))
}

#[derive(Debug)]
struct RecordsFront {
    link: SharedLink,
    socket: Socket,
}

impl RecordsFront {
    fn lock(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MultiplexedFront for RecordsFront {
    fn poll_open(&mut self, cx: &mut Context<'_>, request: &mut Request, room: &mut [u8]) -> Poll<Opening> {
        let mut link = self.lock();
        link.drive(cx, &mut **self.socket.borrow_mut(), room, true);
        if let Some(key) = link.opened.pop_front() {
            drop(link);
            let mut exchange = RecordsExchange::new(&self.link, key, &self.socket);
            let head = ready!(exchange.poll_head_text(cx, REQUEST));
            let Ok(((method, target), body, fields)) = head else {
                return Poll::Ready(Opening::Malformed(Box::new(exchange), 400));
            };
            request.set_method(method.as_bytes()).unwrap();
            request.set_target(target.as_bytes()).unwrap();
            add(request.fields_mut(), &fields);
            exchange.method = request.method();
            let upgrade = name_upgrade(request.fields_mut());
            let expects_continue = request.fields().get(b"expect") == Some(b"100-continue");
            let facts = RequestFacts { body, upgrade, expects_continue };
            return Poll::Ready(Opening::Exchange(Box::new(exchange), facts));
        }
        if link.is_broken {
            return Poll::Ready(Opening::Failed);
        }
        let is_last = link.is_at_end || link.is_stopped;
        if is_last && link.open() == 0 { Poll::Ready(Opening::Ended) } else { Poll::Pending }
    }

    fn poll_drive(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<()> {
        let mut link = self.lock();
        link.drive(cx, &mut **self.socket.borrow_mut(), room, false);
        if link.is_broken { Poll::Ready(()) } else { Poll::Pending }
    }

    fn is_reading_head(&self) -> bool {
        self.lock().begun().is_some()
    }

    fn unopened(&mut self) -> Box<dyn FrontExchange> {
        let key = self.lock().open_begun();
        Box::new(RecordsExchange::new(&self.link, key, &self.socket))
    }

    fn stop(&mut self) {
        self.lock().stop(ErrorCode::NONE);
    }

    fn abort(&mut self, code: ErrorCode) {
        let (mut link, mut socket) = (self.lock(), self.socket.borrow_mut());
        link.stop(code);
        let cx = &mut Context::from_waker(Waker::noop());
        // Output that is not written at once is lost.
        let _ = link.poll_write(cx, &mut **socket);
        let _ = Pin::new(&mut **socket).poll_shutdown(cx);
        link.close_all(Broken::Failed);
    }
}

impl CloseFront for RecordsFront {
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut socket = self.socket.borrow_mut();
        ready!(self.lock().poll_write(cx, &mut **socket))?;
        Pin::new(&mut **socket).poll_shutdown(cx)
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<()> {
        while let Ok(1..) = ready!(poll_read(cx, &mut **self.socket.borrow_mut(), room)) {}
        Poll::Ready(())
    }
}

impl FrontExchange for RecordsExchange {
    fn send_head(&mut self, head: &Response, body: BodyLength, then: Continuation) {
        // Rules may have changed the status: what counts is the client's method, and the status that it gets.
        let has_none =
            self.method == Method::Head || head.status() < 200 || matches!(head.status(), 204 | 304);
        let body = if has_none { BodyLength::Empty } else { body };
        if !head.is_interim() {
            self.sent_before = self.held.look(|entry| entry.sent + entry.kept() as u64);
            if then == Continuation::Close {
                self.held.lock().stop(ErrorCode::NONE);
            }
        }
        self.put_head(RESPONSE, ("status", &head.status().to_string()), body, head.fields());
    }

    fn poll_departure(&mut self, cx: &mut Context<'_>, _: &mut [u8]) -> Poll<Departure> {
        self.held.look(|entry| match entry.ended {
            Some(Broken::Ended) => Poll::Ready(Departure::Closed),
            Some(_) => Poll::Ready(Departure::Broke),
            None => {
                entry.wakes(cx);
                Poll::Pending
            }
        })
    }

    fn unsend(&mut self) -> bool {
        self.held.with(|entry| {
            let possible = entry.is_unsent_since(self.sent_before);
            if possible {
                entry.discard();
            }
            possible
        })
    }

    fn reset(&mut self, code: ErrorCode) {
        self.held.with(|entry| entry.reset(code.0 as usize));
    }

    fn stream(&self) -> StreamRef<'_> {
        self.socket()
    }

    fn received(&self) -> u64 {
        self.held.look(|entry| entry.received)
    }

    fn sent(&self) -> u64 {
        self.held.look(|entry| entry.sent)
    }

    fn unread(&self) -> u64 {
        self.held.look(|entry| entry.unread())
    }

    fn into_stream(self: Box<Self>) -> Box<dyn Stream> {
        self.tunnel()
    }
}
