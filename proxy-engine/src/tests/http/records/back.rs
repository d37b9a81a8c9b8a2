//! A server's connection.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Method, Request, Response};

use super::exchange::{RecordsExchange, add, name_upgrade};
use super::link::Link;
use super::{SharedLink, Socket};
use crate::exchange::back::{Back, BackExchange, Driver, MultiplexedBack, ResponseFacts};
use crate::exchange::error::{Broken, ErrorCode};
use crate::exchange::{Continuation, StreamRef};
use crate::tests::http::format::{MOST, REQUEST, RESPONSE};

pub(super) fn back(stream: Box<dyn Stream>) -> Back {
    let back = RecordsBack { link: SharedLink::default(), socket: Socket::new(stream.into()) };
    let (link, socket) = (SharedLink::clone(&back.link), Socket::clone(&back.socket));
    let driver = poll_fn(move |cx| {
        let (mut link, mut socket) = (lock(&link), socket.borrow_mut());
        link.drive(cx, &mut **socket, &mut [0; 4096], true);
        if link.is_broken {
            return Poll::Ready(());
        }
        let is_last = link.is_at_end || link.is_stopped;
        if !is_last || link.open() > 0 {
            return Poll::Pending;
        }
        let _ = ready!(link.poll_write(cx, &mut **socket));
        // This was the last exchange.
        link.close_all(Broken::Ended);
        Pin::new(&mut **socket).poll_shutdown(cx).map(|_| ())
    });
    Back::Multiplexed(Rc::new(back), Driver(Box::pin(driver)))
}

fn lock(link: &SharedLink) -> MutexGuard<'_, Link> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct RecordsBack {
    link: SharedLink,
    socket: Socket,
}

impl MultiplexedBack for RecordsBack {
    fn capacity(&self) -> usize {
        let link = lock(&self.link);
        let is_last = link.is_at_end || link.is_broken || link.is_stopped;
        if is_last { 0 } else { MOST - link.open() }
    }

    fn open(&self) -> usize {
        lock(&self.link).open()
    }

    fn open_exchange(&self) -> Box<dyn BackExchange> {
        let key = lock(&self.link).add(0);
        Box::new(RecordsExchange::new(&self.link, key, &self.socket))
    }

    fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<()> {
        lock(&self.link).poll_closed(cx)
    }

    fn stop(&self) {
        lock(&self.link).stop(ErrorCode::NONE);
    }
}

/// The last handle is gone: no more exchanges are opened.
impl Drop for RecordsBack {
    fn drop(&mut self) {
        self.stop();
    }
}

impl BackExchange for RecordsExchange {
    fn send_head(&mut self, head: &Request, body: BodyLength, then: Continuation) {
        let text = String::from_utf8_lossy;
        self.method = head.method();
        let mut link = self.held.lock();
        link.last_number += 1;
        let number = link.last_number;
        if then == Continuation::Close {
            link.stop(ErrorCode::NONE);
        }
        drop(link);
        self.held.look(|entry| entry.number = number);
        let first = (&*text(head.method_name()), &*text(head.target()));
        self.put_head(REQUEST, first, body, head.fields());
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Response,
        _: &mut [u8],
    ) -> Poll<Result<ResponseFacts, Broken>> {
        let ((_, status), body, fields) = ready!(self.poll_head_text(cx, RESPONSE))?;
        let status = status.parse().unwrap();
        head.clear();
        head.set_status(status, b"X").unwrap();
        add(head.fields_mut(), &fields);
        name_upgrade(head.fields_mut());
        if head.is_interim() {
            self.held.look(|entry| entry.is_read = false);
        }
        let tunnel = status == 101 || (self.method == Method::Connect && (200..300).contains(&status));
        let then = if tunnel { Continuation::Tunnel } else { Continuation::KeepAlive };
        Poll::Ready(Ok(ResponseFacts { body, then }))
    }

    fn reset(&mut self, code: ErrorCode) {
        self.held.with(|entry| entry.reset(code.0 as usize));
    }

    fn stream(&self) -> StreamRef<'_> {
        self.socket()
    }

    fn into_stream(self: Box<Self>) -> Box<dyn Stream> {
        self.tunnel()
    }
}
