//! The proxy's handle of an exchange.

use std::cell::Ref;
use std::io;
use std::sync::{MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Fields, Method};

use super::entry::Entry;
use super::link::Link;
use super::tunnel::Tunnel;
use super::{SharedLink, Socket};
use crate::exchange::StreamRef;
use crate::exchange::body::{BodyIn, BodyOut, Part};
use crate::exchange::error::{Broken, ErrorCode};
use crate::tests::http::format::{self, CREDIT, DATA, END};

/// A handle that keeps an exchange open: dropping it before both messages are complete resets the exchange.
#[derive(Debug)]
pub(super) struct Held {
    link: SharedLink,
    key: u32,
}

impl Held {
    pub(super) fn new(link: &SharedLink, key: u32) -> Held {
        Held { link: SharedLink::clone(link), key }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `action` with the entry, and wakes the driver.
    pub(super) fn with<R>(&self, action: impl FnOnce(&mut Entry) -> R) -> R {
        let mut link = self.lock();
        link.wake_driver();
        action(link.entry(self.key))
    }

    pub(super) fn look<R>(&self, action: impl FnOnce(&mut Entry) -> R) -> R {
        action(self.lock().entry(self.key))
    }

    /// Returns data, or `None` if another record is next. The error says why no more records will arrive.
    pub(super) fn poll_data(&self, cx: &Context<'_>, room: &mut [u8]) -> Poll<Result<Option<usize>, Broken>> {
        let mut link = self.lock();
        let entry = link.entry(self.key);
        match (entry.incoming.front_mut(), entry.ended) {
            (Some((DATA, _)), _) => {
                let n = entry.consume(room);
                let credit = format::said(CREDIT, entry.number, n);
                link.control.extend(credit);
                link.wake_driver();
                Poll::Ready(Ok(Some(n)))
            }
            (Some(_), _) => Poll::Ready(Ok(None)),
            (None, Some(why)) => Poll::Ready(Err(why)),
            (None, None) => {
                entry.wakes(cx);
                Poll::Pending
            }
        }
    }

    /// Ready as soon as `is_enough` holds. Flushes the output until then.
    pub(super) fn poll_sent(
        &self,
        cx: &Context<'_>,
        is_enough: impl FnOnce(&Entry) -> bool,
    ) -> Poll<io::Result<()>> {
        self.with(|entry| {
            if entry.is_deaf() {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            if is_enough(entry) {
                return Poll::Ready(Ok(()));
            }
            entry.flush();
            entry.wakes(cx);
            Poll::Pending
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.with(|entry| {
            if !(entry.is_read && entry.is_sent) {
                entry.reset(ErrorCode::CANCEL.0 as usize);
            }
            entry.is_dropped = true;
            entry.flush();
        });
    }
}

/// An exchange.
#[derive(Debug)]
pub(super) struct RecordsExchange {
    pub(super) held: Held,
    pub(super) socket: Socket,
    trailers: Fields,
    /// The method of the request.
    pub(super) method: Method,
    /// Whether nothing follows the head that was sent.
    has_no_body: bool,
    /// The bytes that were sent or queued before the response.
    pub(super) sent_before: u64,
}

/// The content of a head: the first pair, the body, the fields.
pub(super) type HeadText = ((String, String), BodyLength, Vec<(String, String)>);

impl RecordsExchange {
    pub(super) fn new(link: &SharedLink, key: u32, socket: &Socket) -> RecordsExchange {
        RecordsExchange {
            held: Held::new(link, key),
            socket: Socket::clone(socket),
            trailers: Fields::default(),
            method: Method::Get,
            has_no_body: false,
            sent_before: 0,
        }
    }

    /// Receives a head with this tag.
    pub(super) fn poll_head_text(&mut self, cx: &Context<'_>, tag: u8) -> Poll<Result<HeadText, Broken>> {
        self.held.look(|entry| match (entry.incoming.front(), entry.ended) {
            (Some((found, text)), _) if *found == tag => {
                let mut pairs = format::pairs(text);
                entry.pop();
                let body = format::body(&pairs.remove(1).1);
                entry.is_read = body == BodyLength::Empty;
                self.trailers.clear();
                Poll::Ready(Ok((pairs.remove(0), body, pairs)))
            }
            (Some(_), _) => Poll::Ready(Err(Broken::Malformed)),
            (None, Some(why)) => Poll::Ready(Err(why)),
            (None, None) => {
                entry.wakes(cx);
                Poll::Pending
            }
        })
    }

    /// Sends a head without the fields of HTTP/1 about the connection and the framing.
    pub(super) fn put_head(&mut self, tag: u8, first: (&str, &str), body: BodyLength, fields: &Fields) {
        // The record states the length of the body, except where a response only describes one.
        let keeps_length = body == BodyLength::Empty && (self.method == Method::Head || first.1 == "304");
        let is_ours = |name: &str| match name {
            "connection" | "transfer-encoding" => false,
            "content-length" => keeps_length,
            _ => true,
        };
        let length = format::length(body);
        let fields = format::strings(fields);
        let fields = fields.iter().filter(|(name, _)| is_ours(name));
        let fields = fields.map(|(name, value)| (&**name, &**value));
        let text = format::lines([first, ("length", &length)].into_iter().chain(fields));
        self.has_no_body = body == BodyLength::Empty;
        self.held.with(|entry| entry.put_head(tag, &text));
    }

    pub(super) fn socket(&self) -> StreamRef<'_> {
        StreamRef::Shared(Ref::map(self.socket.borrow(), |socket| &**socket))
    }

    pub(super) fn tunnel(self) -> Box<dyn Stream> {
        Tunnel::boxed(self.held, &**self.socket.borrow())
    }
}

pub(super) fn add(fields: &mut Fields, pairs: &[(String, String)]) {
    pairs.iter().for_each(|(name, value)| fields.add(name.as_bytes(), value.as_bytes()).unwrap());
}

/// Adds the field that HTTP/1 requires with `upgrade`. Returns whether there is an `upgrade`.
pub(super) fn name_upgrade(fields: &mut Fields) -> bool {
    let offers = fields.has(b"upgrade");
    if offers {
        fields.add(b"connection", b"upgrade").unwrap();
    }
    offers
}

impl BodyIn for RecordsExchange {
    fn poll_body(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Result<Part, Broken>> {
        if self.is_complete() {
            return Poll::Ready(Ok(Part::End));
        }
        match ready!(self.held.poll_data(cx, room))? {
            Some(n) => Poll::Ready(Ok(Part::Data(n))),
            None => self.poll_end(cx).map_ok(|()| Part::End),
        }
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.held.look(|entry| match (entry.incoming.front(), entry.ended) {
            _ if entry.is_read => Poll::Ready(Ok(())),
            (Some((DATA, _)), _) => Poll::Pending,
            (Some((END, text)), _) => {
                add(&mut self.trailers, &format::pairs(text));
                entry.pop();
                entry.is_read = true;
                Poll::Ready(Ok(()))
            }
            (Some(_), _) => Poll::Ready(Err(Broken::Malformed)),
            (None, Some(why)) => Poll::Ready(Err(why)),
            (None, None) => {
                entry.wakes(cx);
                Poll::Pending
            }
        })
    }

    fn trailers(&self) -> &Fields {
        &self.trailers
    }

    fn is_complete(&self) -> bool {
        self.held.look(|entry| entry.is_read)
    }
}

impl BodyOut for RecordsExchange {
    fn send(&mut self, _: &mut Context<'_>, data: &[u8], end: Option<&Fields>) -> io::Result<()> {
        self.held.with(|entry| {
            if entry.is_deaf() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if !self.has_no_body {
                entry.put_data(data);
                if let Some(trailers) = end {
                    let trailers = format::strings(trailers);
                    entry.put_end(format::lines(trailers.iter().map(|(name, value)| (&**name, &**value))));
                }
            }
            entry.is_sent |= end.is_some();
            Ok(())
        })
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.held.poll_sent(cx, |entry| entry.kept() == 0)
    }

    fn kept(&self) -> usize {
        self.held.look(|entry| entry.kept())
    }

    fn room(&self) -> usize {
        self.held.look(|entry| entry.room())
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.held.poll_sent(cx, |entry| entry.room() > 0)
    }
}
