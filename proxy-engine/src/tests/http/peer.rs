//! A client or a server, which sends messages in one of the languages and [receives](super::hear) them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

use proto_core::stream::Stream;
use proxy_http::h1::BodyDecoder;

use super::format;
use super::message::{Language, Message, Voice};
use super::wire::Wire;

/// A message that is being received.
#[derive(Debug)]
pub(super) struct Hearing {
    pub(super) message: Message,
    /// The decoder of the body in HTTP/1.
    pub(super) decoder: BodyDecoder,
    /// Whether the message is complete.
    pub(super) is_whole: bool,
}

#[derive(Debug)]
pub(super) struct Peer {
    pub(super) wire: Rc<RefCell<Wire>>,
    pub(super) language: Language,
    pub(super) is_client: bool,
    /// The number of the current exchange; 0 in HTTP/1.
    pub(super) number: u32,
    /// The number of exchanges so far.
    exchanges: u32,
    pub(super) hearing: BTreeMap<u32, Hearing>,
    /// The exchanges whose messages were received.
    pub(super) heard: BTreeSet<u32>,
    /// The pause before each read.
    pub(super) pause: Duration,
}

impl Peer {
    pub(super) fn new(stream: Box<dyn Stream>, language: Language, is_client: bool) -> Peer {
        let wire = Rc::new(RefCell::new(Wire::new(stream, language)));
        let pump = Rc::clone(&wire);
        tokio::task::spawn_local(poll_fn(move |cx| pump.borrow_mut().poll(cx)));
        let (hearing, heard) = (BTreeMap::new(), BTreeSet::new());
        Peer { wire, language, is_client, number: 0, exchanges: 0, hearing, heard, pause: Duration::ZERO }
    }

    /// Begins another exchange, and switches to it.
    pub(super) fn begin(&mut self) -> u32 {
        self.exchanges += 1;
        self.attend(self.exchanges);
        self.exchanges
    }

    /// Switches to this exchange.
    pub(super) fn attend(&mut self, number: u32) {
        self.number = if self.language == Language::Http1 { 0 } else { number };
    }

    /// Returns the voice of the current exchange.
    pub(super) fn voice(&self) -> Voice {
        (self.language, self.number)
    }

    pub(super) fn say(&self, bytes: &[u8]) {
        self.wire.borrow_mut().say(self.number, bytes);
    }

    /// Sends bytes in a tunnel.
    pub(super) fn say_bytes(&self, bytes: &[u8]) {
        self.say(&Message::new("200").data(self.voice(), bytes));
    }

    /// Resets the exchange, or refuses it.
    pub(super) fn break_off(&self, tag: u8) {
        self.say(&format::said(tag, self.number, 8));
    }

    /// Closes this direction, after all pending output.
    pub(super) fn end(&self) {
        let mut wire = self.wire.borrow_mut();
        wire.ends = true;
        wire.wake();
    }

    /// Resets the connection.
    pub(super) fn abort(&self) {
        let mut wire = self.wire.borrow_mut();
        wire.stream.take().unwrap().abort();
        wire.wake();
    }

    /// Returns the bytes of output that the proxy has not taken.
    pub(super) fn unsent(&self) -> usize {
        self.wire.borrow().unsent()
    }

    /// Returns the number of received bytes of the exchange that were not examined yet.
    pub(super) fn waiting(&self) -> usize {
        self.wire.borrow().inboxes.get(&self.number).map_or(0, Vec::len)
    }

    /// Returns whether the proxy has announced that it accepts or opens no more exchanges.
    pub(super) fn is_told_end(&self) -> bool {
        self.wire.borrow().is_told_end
    }

    /// Sets the pause before each read.
    pub(super) fn be_slow(&mut self, pause: Duration) {
        self.pause = pause;
    }

    /// Returns the tag of the first received record of the exchange, in the language of records.
    pub(super) fn first_tag(&self) -> Option<u8> {
        let is_records = self.language == Language::Records;
        let tag = self.wire.borrow().inboxes.get(&self.number).and_then(|inbox| inbox.first().copied());
        tag.filter(|_| is_records)
    }
}

impl Drop for Peer {
    /// Closes the connection, to which the pump still has a reference.
    fn drop(&mut self) {
        let mut wire = self.wire.borrow_mut();
        wire.stream = None;
        wire.wake();
    }
}
