//! A client or a server of the table: it says and hears messages in one of the languages.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use proto_core::stream::Stream;
use proxy_http::h1::BodyDecoder;
use proxy_http::{BodyLength, Method};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use super::format::{self, DATA, END, HEAD};
use super::message::{Language, Message, take_head};
use crate::tests::after;

/// How much is read at once.
const READ: usize = 4096;

/// What a peer wants to say goes out as the proxy takes it, whatever the script does meanwhile.
#[derive(Debug)]
struct Wire {
    stream: Option<Box<dyn Stream>>,
    unsent: VecDeque<u8>,
    ends: bool,
    writer: Option<Waker>,
}

impl Wire {
    /// Ready when there is no connection any more.
    fn poll_write(&mut self, cx: &Context<'_>) -> Poll<()> {
        self.writer = Some(cx.waker().clone());
        let cx = &mut Context::from_waker(cx.waker());
        let Some(stream) = &mut self.stream else { return Poll::Ready(()) };
        while !self.unsent.is_empty() {
            let written = ready!(Pin::new(&mut *stream).poll_write(cx, self.unsent.as_slices().0));
            // A proxy that wants no more is seen when it is listened to.
            let Ok(n) = written else { return Poll::Ready(()) };
            self.unsent.drain(..n);
        }
        if self.ends {
            let _ = Pin::new(stream).poll_shutdown(cx);
        }
        Poll::Pending
    }
}

/// What was heard last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    All,
    /// A message that was broken off.
    Part,
}

#[derive(Debug)]
pub(super) struct Peer {
    wire: Rc<RefCell<Wire>>,
    language: Language,
    input: Vec<u8>,
    /// The message that is being heard; its body in HTTP/1.
    hearing: Option<(Message, BodyDecoder)>,
    /// All of it has come.
    is_whole: bool,
    /// How long it waits before it reads.
    pause: Duration,
}

impl Peer {
    pub(super) fn new(stream: Box<dyn Stream>, language: Language) -> Peer {
        let wire = Wire { stream: Some(stream), unsent: VecDeque::new(), ends: false, writer: None };
        let wire = Rc::new(RefCell::new(wire));
        let pump = Rc::clone(&wire);
        tokio::task::spawn_local(poll_fn(move |cx| pump.borrow_mut().poll_write(cx)));
        Peer { wire, language, input: Vec::new(), hearing: None, is_whole: false, pause: Duration::ZERO }
    }

    pub(super) fn say(&self, bytes: &[u8]) {
        self.change(|wire| wire.unsent.extend(bytes));
    }

    /// Closes its direction, behind what is to be said.
    pub(super) fn end(&self) {
        self.change(|wire| wire.ends = true);
    }

    /// Resets the connection.
    pub(super) fn abort(&self) {
        self.change(|wire| wire.stream.take().unwrap().abort());
    }

    /// How much of what it says has not been taken.
    pub(super) fn unsent(&self) -> usize {
        self.wire.borrow().unsent.len()
    }

    /// Waits for so long before it reads, from now on.
    pub(super) fn be_slow(&mut self, pause: Duration) {
        self.pause = pause;
    }

    fn change(&self, change: impl FnOnce(&mut Wire)) {
        let mut wire = self.wire.borrow_mut();
        change(&mut wire);
        wire.writer.take().into_iter().for_each(Waker::wake);
    }

    /// Whether more came; not at the end of file, and not behind a reset.
    async fn read(&mut self) -> bool {
        if !self.pause.is_zero() {
            after(self.pause).await;
        }
        let mut room = [0; READ];
        let n = poll_fn(|cx| {
            let mut wire = self.wire.borrow_mut();
            let mut buffer = ReadBuf::new(&mut room);
            let read = ready!(Pin::new(wire.stream.as_mut().unwrap()).poll_read(cx, &mut buffer));
            Poll::Ready(read.map_or(0, |()| buffer.filled().len()))
        })
        .await;
        self.input.extend_from_slice(&room[..n]);
        n > 0
    }

    /// The next message; a response is one to this method. `None` at the end.
    pub(super) async fn hear(&mut self, to: Option<Method>) -> Option<Message> {
        self.hear_head(to).await?;
        while !self.is_whole {
            if !self.read().await {
                return None;
            }
            self.take_body();
        }
        self.is_whole = false;
        self.hearing.take().map(|(message, _)| message)
    }

    /// Its head, with no more of its body than has come.
    pub(super) async fn hear_head(&mut self, to: Option<Method>) -> Option<&Message> {
        while self.hearing.is_none() {
            match take_head(&self.input, self.language, to) {
                Some((head, framing, used)) => {
                    self.input.drain(..used);
                    self.hearing = Some((head, BodyDecoder::new(framing)));
                    self.take_body();
                }
                None if self.read().await => {}
                None => return None,
            }
        }
        self.hearing.as_ref().map(|(message, _)| message)
    }

    /// Waits until so much of a body has come.
    pub(super) async fn hear_data(&mut self, length: usize) -> &[u8] {
        while self.heard_data() < length {
            assert!(self.read().await, "the end");
            self.take_body();
        }
        self.hearing.as_ref().map_or(&[], |(message, _)| &message.body)
    }

    fn heard_data(&self) -> usize {
        self.hearing.as_ref().map_or(0, |(message, _)| message.body.len())
    }

    /// Takes what has come of the body.
    fn take_body(&mut self) {
        let Some((message, decoder)) = &mut self.hearing else { return };
        if self.language == Language::Http1 {
            let decoded = decoder.decode(&mut self.input).unwrap();
            message.body.extend_from_slice(&self.input[..decoded.data]);
            self.input.drain(..decoded.consumed);
            message.trailers = format::strings(decoder.trailers());
            self.is_whole = decoder.is_done();
            return;
        }
        self.is_whole |= message.length == BodyLength::Empty;
        while !self.is_whole {
            let Some(text) = format::text(&self.input) else { return };
            match self.input[0] {
                DATA => message.body.extend_from_slice(text),
                END => message.trailers = format::pairs(text),
                tag => panic!("a record of {tag}"),
            }
            self.is_whole = self.input[0] == END;
            let used = HEAD + text.len();
            self.input.drain(..used);
        }
    }

    /// Waits for the end of what the proxy says.
    pub(super) async fn hear_end(&mut self) -> Heard {
        while self.read().await {
            self.take_body();
        }
        let is_over = self.hearing.is_none() || self.is_whole;
        if is_over && self.input.is_empty() { Heard::All } else { Heard::Part }
    }

    /// So many bytes, whatever they are.
    pub(super) async fn hear_bytes(&mut self, length: usize) -> Vec<u8> {
        while self.input.len() < length {
            assert!(self.read().await, "the end");
        }
        self.input.drain(..length).collect()
    }
}

impl Drop for Peer {
    /// Its connection goes with it, though the pump still knows of it.
    fn drop(&mut self) {
        self.change(|wire| wire.stream = None);
    }
}
