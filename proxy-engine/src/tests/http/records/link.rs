//! A connection of records, of a client or of a server.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use proto_core::stream::Stream;
use tokio::io::ReadBuf;

use super::entry::Entry;
use crate::exchange::error::{Broken, ErrorCode};
use crate::tests::http::format::{self, CREDIT, DATA, GOODBYE, HEAD, MOST, REFUSED, RESET, Start};

/// A connection of records.
#[derive(Debug, Default)]
pub(super) struct Link {
    /// Whether the peer opens exchanges.
    is_clients: bool,
    /// The exchanges, by keys that are not their numbers.
    exchanges: BTreeMap<u32, Entry>,
    last_key: u32,
    /// The largest number of an exchange.
    pub(super) last_number: u32,
    /// The exchanges that the peer has opened and the proxy has not accepted yet.
    pub(super) opened: VecDeque<u32>,
    pub(super) input: Vec<u8>,
    /// The bytes that are being written, and their exchange.
    output: (VecDeque<u8>, u32),
    /// The records that are no part of a message.
    pub(super) control: Vec<u8>,
    /// Whether no more exchanges are accepted or opened.
    pub(super) is_stopped: bool,
    pub(super) is_at_end: bool,
    pub(super) is_broken: bool,
    driver: Option<Waker>,
    /// The waker of a task that waits for the end.
    watcher: Option<Waker>,
}

impl Link {
    /// Makes the link of a client; the default is that of a server.
    pub(super) fn to_client() -> Link {
        Link { is_clients: true, ..Link::default() }
    }

    /// Adds an exchange. Returns its key.
    pub(super) fn add(&mut self, number: u32) -> u32 {
        self.last_key += 1;
        self.exchanges.insert(self.last_key, Entry::new(number));
        self.last_key
    }

    pub(super) fn entry(&mut self, key: u32) -> &mut Entry {
        self.exchanges.get_mut(&key).unwrap()
    }

    /// Returns the number of exchanges that were not dropped.
    pub(super) fn open(&self) -> usize {
        self.exchanges.values().filter(|entry| !entry.is_dropped).count()
    }

    pub(super) fn wake_driver(&self) {
        self.driver.iter().for_each(Waker::wake_by_ref);
    }

    /// Accepts and opens no more exchanges, and tells the peer so.
    pub(super) fn stop(&mut self, code: ErrorCode) {
        if !self.is_stopped {
            self.is_stopped = true;
            self.control.extend(format::said(GOODBYE, 0, code.0 as usize));
            self.wake_driver();
        }
    }

    /// Ready once the connection is unusable.
    pub(super) fn poll_closed(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.is_at_end || self.is_broken {
            return Poll::Ready(());
        }
        self.watcher = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Moves bytes both ways as far as possible. The peer's next exchange, and all records after it, wait until the
    /// one before was accepted and another one may be.
    pub(super) fn drive(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut dyn Stream,
        room: &mut [u8],
        accepts: bool,
    ) {
        self.driver = Some(cx.waker().clone());
        loop {
            while !self.is_held_up(accepts)
                && let Some((start, text)) = format::take(&mut self.input)
            {
                self.take(start, text);
            }
            if let Poll::Ready(Err(_)) = self.poll_write(cx, socket) {
                self.close_all(Broken::Failed);
            }
            if self.is_at_end || self.is_broken || self.is_held_up(accepts) {
                return;
            }
            match poll_read(cx, socket, room) {
                Poll::Pending => return,
                Poll::Ready(Ok(0)) => self.close_all(Broken::Ended),
                Poll::Ready(Ok(n)) => self.input.extend_from_slice(&room[..n]),
                Poll::Ready(Err(_)) => self.close_all(Broken::Failed),
            }
        }
    }

    /// Returns whether the next record opens an exchange that has to wait.
    fn is_held_up(&self, accepts: bool) -> bool {
        let waits = self.is_clients && !(accepts && self.opened.is_empty());
        let next = format::start(&self.input).filter(|start| start.tag != GOODBYE);
        waits && next.is_some_and(|start| start.number > self.last_number)
    }

    /// Returns the number of open exchanges as the peer counts them: those that it has reset do not count.
    fn open_to_peer(&self) -> usize {
        let is_reset = |entry: &Entry| matches!(entry.ended, Some(Broken::Reset(_)));
        self.exchanges.values().filter(|entry| !entry.is_dropped && !is_reset(entry)).count()
    }

    /// Marks that nothing more will arrive from the peer.
    pub(super) fn close_all(&mut self, why: Broken) {
        (self.is_at_end, self.is_broken) = (true, self.is_broken || why == Broken::Failed);
        let cut = format::start(&self.input).map(|start| start.number);
        for entry in self.exchanges.values_mut() {
            // An incomplete record is malformed.
            let is_cut = Some(entry.number) == cut && why == Broken::Ended && !self.is_clients;
            entry.end(if is_cut { Broken::Malformed } else { why });
        }
        self.watcher.take().into_iter().for_each(Waker::wake);
    }

    /// Passes a record to its exchange.
    fn take(&mut self, start: Start, text: Vec<u8>) {
        if start.tag == GOODBYE {
            self.is_stopped |= !self.is_clients;
            return;
        }
        let mut known = self.exchanges.values_mut().filter(|entry| entry.number == start.number);
        match (start.tag, known.next()) {
            (CREDIT, Some(entry)) => entry.credit(format::value(&text)),
            (RESET, Some(entry)) => {
                let code = u32::try_from(format::value(&text)).unwrap();
                entry.end(Broken::Reset(ErrorCode(code)));
            }
            (REFUSED, Some(entry)) if !self.is_clients => entry.end(Broken::Refused),
            (DATA, Some(_)) if text.is_empty() => {}
            (_, Some(entry)) => {
                entry.incoming.push_back((start.tag, text));
                entry.wake();
            }
            (_, None) if self.is_clients && start.number > self.last_number => {
                self.last_number = start.number;
                if self.is_stopped || self.open_to_peer() == MOST {
                    self.control.extend(format::record(REFUSED, start.number, b""));
                    return;
                }
                let key = self.add(start.number);
                self.entry(key).incoming.push_back((start.tag, text));
                self.opened.push_back(key);
            }
            // The peer sent this before it knew that the exchange was dropped.
            (_, None) => {}
        }
    }

    /// Ready when there is nothing left to write.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut dyn Stream,
    ) -> Poll<io::Result<()>> {
        loop {
            self.exchanges.retain(|_, entry| !entry.is_dropped || entry.kept() > 0 && !entry.is_deaf());
            if self.output.0.is_empty() && !self.choose_output() {
                return Pin::new(socket).poll_flush(cx);
            }
            let n = ready!(Pin::new(&mut *socket).poll_write(cx, self.output.0.as_slices().0))?;
            self.output.0.drain(..n);
            if let Some(entry) = self.exchanges.get_mut(&self.output.1) {
                entry.written(n);
            }
        }
    }

    fn choose_output(&mut self) -> bool {
        if !self.control.is_empty() {
            self.output = (std::mem::take(&mut self.control).into(), 0);
            return true;
        }
        let waiting = self.exchanges.iter_mut().filter(|(_, entry)| entry.has_output());
        let Some((key, entry)) = waiting.min_by_key(|(_, entry)| entry.number) else { return false };
        self.output = (entry.take_output().into(), *key);
        true
    }

    /// Returns the number of an exchange whose head has begun to arrive.
    pub(super) fn begun(&self) -> Option<u32> {
        let number = format::start(&self.input).map_or(0, |start| start.number);
        let is_new = number == 0 || number > self.last_number;
        (self.is_clients && !self.input.is_empty() && is_new).then_some(number)
    }

    /// Opens an exchange whose head is incomplete. Nothing after it can be read.
    pub(super) fn open_begun(&mut self) -> u32 {
        let key = self.begun().unwrap_or(0);
        let key = self.add(key);
        let part = std::mem::take(&mut self.input);
        let entry = self.entry(key);
        if !part.is_empty() {
            entry.incoming.push_back((0, part[part.len().min(HEAD)..].to_vec()));
        }
        // The client has not left: complete requests continue.
        self.is_at_end = true;
        let cut = self.exchanges.values_mut().filter(|entry| !entry.has_come());
        cut.for_each(|entry| entry.end(Broken::Ended));
        key
    }
}

pub(super) fn poll_read(
    cx: &mut Context<'_>,
    socket: &mut dyn Stream,
    room: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut buffer = ReadBuf::new(room);
    ready!(Pin::new(socket).poll_read(cx, &mut buffer))?;
    Poll::Ready(Ok(buffer.filled().len()))
}
