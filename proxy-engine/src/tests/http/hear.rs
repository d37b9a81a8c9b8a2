//! What a peer receives: messages, their parts, and ends.

use std::future::poll_fn;
use std::task::Poll;

use proxy_http::h1::BodyDecoder;
use proxy_http::{BodyLength, Method};

use super::format::{self, DATA, END, REFUSED, REQUEST, RESET};
use super::message::{Language, Message, take_head};
use super::peer::{Hearing, Peer};
use super::wire::READ;
use crate::tests::after;

/// What a peer received last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    All,
    /// A message that was cut off.
    Part,
}

impl Peer {
    /// Reads more. Returns `false` at the end of file or of the exchange, and after a reset.
    async fn read(&mut self) -> bool {
        if !self.pause.is_zero() {
            after(self.pause).await;
        }
        poll_fn(|cx| {
            let mut wire = self.wire.borrow_mut();
            if self.language == Language::Records {
                return wire.poll_record(cx, self.number);
            }
            let mut room = [0; READ];
            wire.poll_read(cx, &mut room).map(|n| {
                wire.inboxes.entry(0).or_default().extend_from_slice(&room[..n]);
                n > 0
            })
        })
        .await
    }

    /// Waits for a request in a new exchange, and switches to that exchange. Returns whether there is one.
    async fn is_asked(&mut self) -> bool {
        poll_fn(|cx| {
            let mut wire = self.wire.borrow_mut();
            let mut asked = wire.inboxes.iter().filter(|(_, inbox)| inbox.first() == Some(&REQUEST));
            match asked.next() {
                Some((number, _)) => {
                    self.number = *number;
                    Poll::Ready(true)
                }
                None if wire.is_at_end => Poll::Ready(false),
                None => {
                    wire.reader = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Receives the next message, or `None` at the end. `to` is the method of the request, for a response.
    pub(super) async fn hear(&mut self, to: Option<Method>) -> Option<Message> {
        self.hear_head(to).await?;
        while !self.hearing[&self.number].is_whole {
            if !self.read().await {
                return None;
            }
            self.take_body();
        }
        let heard = self.hearing.remove(&self.number)?.message;
        if !heard.is_interim() {
            self.heard.insert(self.number);
        }
        Some(heard)
    }

    /// Receives the head of the next message, with as much of its body as has arrived.
    pub(super) async fn hear_head(&mut self, to: Option<Method>) -> Option<&Message> {
        let is_new = !self.is_client && !self.hearing.contains_key(&self.number);
        if self.language == Language::Records && is_new && !self.is_asked().await {
            return None;
        }
        while !self.hearing.contains_key(&self.number) {
            let input = self.wire.borrow_mut().inboxes.remove(&self.number).unwrap_or_default();
            let taken = take_head(&input, self.language, to);
            let used = taken.as_ref().map_or(0, |(_, _, used)| *used);
            self.wire.borrow_mut().inboxes.insert(self.number, input[used..].to_vec());
            match taken {
                Some((message, framing, _)) => {
                    let decoder = BodyDecoder::new(framing);
                    self.hearing.insert(self.number, Hearing { message, decoder, is_whole: false });
                    self.take_body();
                }
                None if self.read().await => {}
                None => return None,
            }
        }
        self.hearing.get(&self.number).map(|hearing| &hearing.message)
    }

    /// Waits until `length` bytes of a body have arrived.
    pub(super) async fn hear_data(&mut self, length: usize) -> &[u8] {
        while self.hearing.get(&self.number).map_or(0, |it| it.message.body.len()) < length {
            assert!(self.read().await, "the end");
            self.take_body();
        }
        self.hearing.get(&self.number).map_or(&[], |hearing| &hearing.message.body)
    }

    /// Takes some or all of the body that has arrived.
    fn take_body(&mut self) {
        let Some(Hearing { message, decoder, is_whole }) = self.hearing.get_mut(&self.number) else { return };
        let mut wire = self.wire.borrow_mut();
        let inbox = wire.inboxes.get_mut(&self.number).unwrap();
        if self.language == Language::Http1 {
            let decoded = decoder.decode(inbox).unwrap();
            message.body.extend_from_slice(&inbox[..decoded.data]);
            inbox.drain(..decoded.consumed);
            message.trailers = format::strings(decoder.trailers());
            *is_whole = decoder.is_done();
            return;
        }
        *is_whole |= message.length == BodyLength::Empty;
        match format::start(inbox).map(|start| start.tag) {
            _ if *is_whole => {}
            Some(DATA) => message.body.extend(wire.take_data(self.number)),
            Some(END) => {
                message.trailers = format::pairs(&format::take(inbox).unwrap().1);
                *is_whole = true;
            }
            None | Some(RESET | REFUSED) => {}
            Some(tag) => panic!("a record of {tag}"),
        }
    }

    /// Waits for the end of the proxy's output: of the connection, or of an exchange that was cut off.
    pub(super) async fn hear_end(&mut self) -> Heard {
        let is_heard = self.heard.contains(&self.number);
        while self.read().await {
            if self.language == Language::Records && is_heard {
                // The end of a tunnel.
                assert_eq!(self.first_tag(), Some(END));
                return Heard::All;
            }
            self.take_body();
        }
        if self.is_client && is_heard && self.first_tag() == Some(RESET) {
            // The response is complete: the rest of the request is not needed, and the connection ends.
            poll_fn(|cx| {
                let mut wire = self.wire.borrow_mut();
                wire.reader = Some(cx.waker().clone());
                if wire.is_at_end { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        let is_over = self.hearing.get(&self.number).is_none_or(|hearing| hearing.is_whole);
        let is_silent = self.waiting() == 0 || matches!(self.first_tag(), Some(RESET | REFUSED));
        if is_over && is_silent { Heard::All } else { Heard::Part }
    }

    /// Receives `length` bytes, whatever they are.
    pub(super) async fn hear_bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            assert!(self.waiting() > 0 || self.read().await, "the end");
            let mut wire = self.wire.borrow_mut();
            match self.language {
                Language::Records => bytes.extend(wire.take_data(self.number)),
                Language::Http1 => {
                    let inbox = wire.inboxes.get_mut(&0).unwrap();
                    bytes.extend(inbox.drain(..inbox.len().min(length - bytes.len())));
                }
            }
        }
        bytes
    }
}
