//! An exchange on a connection.

use std::collections::VecDeque;
use std::task::{Context, Waker};

use crate::exchange::error::{Broken, ErrorCode};
use crate::tests::http::format::{self, DATA, END, HEAD, REFUSED, REQUEST, RESET, WINDOW};

/// An exchange on a connection.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The number of the exchange; 0 until it has one, and no record of it is sent before that.
    pub(super) number: u32,
    /// The received records that were not consumed.
    pub(super) incoming: VecDeque<(u8, Vec<u8>)>,
    /// The number of bytes consumed.
    pub(super) received: u64,
    /// Why no more records will arrive, if so.
    pub(super) ended: Option<Broken>,
    /// Whether the peer's message was consumed completely.
    pub(super) is_read: bool,
    /// Whether the message to the peer was sent completely.
    pub(super) is_sent: bool,
    /// Whether the exchange was dropped.
    pub(super) is_dropped: bool,
    /// The bytes of data that the window of the peer allows.
    pub(super) window: usize,
    /// The data that the window does not allow yet, and the end after it.
    waiting: Vec<u8>,
    end: Option<Vec<u8>>,
    /// The records that may be written, and whether they were flushed.
    outbox: Vec<u8>,
    is_flushed: bool,
    /// The bytes of records that are being written, and those that were written.
    writing: usize,
    pub(super) sent: u64,
    waker: Option<Waker>,
}

impl Entry {
    pub(super) fn new(number: u32) -> Entry {
        Entry { number, window: WINDOW, ..Entry::default() }
    }

    pub(super) fn wake(&mut self) {
        self.waker.take().into_iter().for_each(Waker::wake);
    }

    pub(super) fn wakes(&mut self, cx: &Context<'_>) {
        self.waker = Some(cx.waker().clone());
    }

    /// Marks that nothing more will arrive; the first reason is kept.
    pub(super) fn end(&mut self, why: Broken) {
        self.ended.get_or_insert(why);
        self.wake();
    }

    /// Returns whether nothing can be sent any more.
    pub(super) fn is_deaf(&self) -> bool {
        matches!(self.ended, Some(Broken::Failed | Broken::Reset(_) | Broken::Refused))
    }

    /// Returns the number of received bytes that were not consumed.
    pub(super) fn unread(&self) -> u64 {
        self.incoming.iter().map(|(_, text)| (HEAD + text.len()) as u64).sum()
    }

    /// Consumes the first record.
    pub(super) fn pop(&mut self) {
        self.received += self.incoming.pop_front().map_or(0, |(_, text)| (HEAD + text.len()) as u64);
    }

    /// Consumes data of the first record, as much as `room` holds. Returns the number of bytes.
    pub(super) fn consume(&mut self, room: &mut [u8]) -> usize {
        let Some((_, text)) = self.incoming.front_mut() else { return 0 };
        let n = text.len().min(room.len());
        room[..n].copy_from_slice(&text[..n]);
        text.drain(..n);
        self.received += n as u64;
        if text.is_empty() {
            self.pop();
        }
        n
    }

    /// Returns whether the peer's message has arrived completely.
    pub(super) fn has_come(&self) -> bool {
        self.is_read || self.incoming.iter().any(|(tag, _)| *tag == END)
    }

    pub(super) fn kept(&self) -> usize {
        self.waiting.len() + self.outbox.len() + self.writing
    }

    /// Returns the bytes of data that can be sent now.
    pub(super) fn room(&self) -> usize {
        if self.waiting.is_empty() { self.window } else { 0 }
    }

    /// Sends a head.
    pub(super) fn put_head(&mut self, tag: u8, text: &[u8]) {
        self.put(tag, text);
        // Requests have to be written in the order of their numbers.
        self.is_flushed |= tag == REQUEST;
    }

    fn put(&mut self, tag: u8, text: &[u8]) {
        if self.number > 0 {
            self.outbox.extend(format::record(tag, self.number, text));
        }
    }

    pub(super) fn put_data(&mut self, data: &[u8]) {
        self.waiting.extend(data);
        self.release();
    }

    /// Sends the end, with trailers as lines.
    pub(super) fn put_end(&mut self, trailers: Vec<u8>) {
        self.end = Some(trailers);
        self.release();
    }

    /// Adds bytes to the window.
    pub(super) fn credit(&mut self, bytes: usize) {
        self.window += bytes;
        self.release();
        self.wake();
    }

    /// Makes records of the data that the window allows.
    fn release(&mut self) {
        let n = self.waiting.len().min(self.window);
        if n > 0 {
            let data: Vec<u8> = self.waiting.drain(..n).collect();
            self.window -= n;
            self.put(DATA, &data);
        }
        if self.waiting.is_empty()
            && let Some(trailers) = self.end.take()
        {
            self.put(END, &trailers);
        }
    }

    /// Discards output that was not written yet.
    pub(super) fn discard(&mut self) {
        self.outbox.clear();
        self.waiting.clear();
        self.end = None;
    }

    /// Ends the exchange before both messages are complete; a complete one is still written.
    pub(super) fn reset(&mut self, code: usize) {
        if self.ended.is_none_or(|why| matches!(why, Broken::Ended | Broken::Malformed)) {
            if !self.is_sent {
                self.discard();
            }
            let tag = if code == ErrorCode::REFUSED.0 as usize { REFUSED } else { RESET };
            self.put(tag, code.to_string().as_bytes());
            self.flush();
        }
        (self.is_read, self.is_sent) = (true, true);
    }

    pub(super) fn flush(&mut self) {
        self.is_flushed = self.kept() > 0;
    }

    /// Returns whether there is output that may be written.
    pub(super) fn has_output(&self) -> bool {
        self.is_flushed && !self.outbox.is_empty()
    }

    /// Takes the output to write.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        self.writing = self.outbox.len();
        std::mem::take(&mut self.outbox)
    }

    /// Counts bytes that were written.
    pub(super) fn written(&mut self, n: usize) {
        self.writing -= n;
        self.sent += n as u64;
        self.is_flushed = self.kept() > 0;
        self.wake();
    }

    /// Returns whether nothing was written since `sent` bytes had been sent.
    pub(super) fn is_unsent_since(&self, sent: u64) -> bool {
        self.sent == sent && self.writing == 0
    }
}
