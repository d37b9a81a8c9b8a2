//! An exchange on a connection.

use std::collections::VecDeque;
use std::task::{Context, Waker};

use crate::exchange::error::{Broken, ErrorCode};
use crate::tests::http::format::{self, DATA, END, HEAD, REFUSED, REQUEST, RESET, WINDOW};

/// An exchange on a connection.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// 0 until there is one; what is said of 0 goes nowhere.
    pub(super) number: u32,
    /// What came and was not consumed.
    pub(super) incoming: VecDeque<(u8, Vec<u8>)>,
    /// Bytes of what was.
    pub(super) received: u64,
    /// Why nothing more comes.
    pub(super) ended: Option<Broken>,
    /// All of the peer's message was consumed.
    pub(super) is_read: bool,
    /// All of the message to the peer was sent.
    pub(super) is_sent: bool,
    /// Nobody wants it any more.
    pub(super) is_dropped: bool,
    /// Bytes of data that the peer takes.
    pub(super) window: usize,
    /// Data that the peer does not take yet, and the end that comes after it.
    waiting: Vec<u8>,
    end: Option<Vec<u8>>,
    /// Records that may go out, and whether they are to.
    outbox: Vec<u8>,
    is_flushed: bool,
    /// Bytes of them that are being written, and that the connection took.
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

    /// Nothing more comes, and what was wrong first is why.
    pub(super) fn end(&mut self, why: Broken) {
        self.ended.get_or_insert(why);
        self.wake();
    }

    /// Whether nothing can be sent any more.
    pub(super) fn is_deaf(&self) -> bool {
        matches!(self.ended, Some(Broken::Failed | Broken::Reset(_) | Broken::Refused))
    }

    /// Bytes that have come and were not consumed.
    pub(super) fn unread(&self) -> u64 {
        self.incoming.iter().map(|(_, text)| (HEAD + text.len()) as u64).sum()
    }

    /// Consumes the first record.
    pub(super) fn pop(&mut self) {
        self.received += self.incoming.pop_front().map_or(0, |(_, text)| (HEAD + text.len()) as u64);
    }

    /// Consumes data, which is first, as far as there is room. Returns how much.
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

    /// Whether all of the peer's message has come.
    pub(super) fn has_come(&self) -> bool {
        self.is_read || self.incoming.iter().any(|(tag, _)| *tag == END)
    }

    pub(super) fn kept(&self) -> usize {
        self.waiting.len() + self.outbox.len() + self.writing
    }

    /// Bytes of data that go out when they are sent now.
    pub(super) fn room(&self) -> usize {
        if self.waiting.is_empty() { self.window } else { 0 }
    }

    /// A head.
    pub(super) fn put_head(&mut self, tag: u8, text: &[u8]) {
        self.put(tag, text);
        // Requests have to go out in the order of their numbers.
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

    /// The end, with the lines of trailers.
    pub(super) fn put_end(&mut self, trailers: Vec<u8>) {
        self.end = Some(trailers);
        self.release();
    }

    /// The peer takes more.
    pub(super) fn credit(&mut self, bytes: usize) {
        self.window += bytes;
        self.release();
        self.wake();
    }

    /// Makes records of what the peer takes.
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

    /// Forgets what was sent and has not gone out.
    pub(super) fn discard(&mut self) {
        self.outbox.clear();
        self.waiting.clear();
        self.end = None;
    }

    /// Ends it before both messages are whole; a whole one still goes out.
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

    /// Whether there is something that is to go out and may.
    pub(super) fn has_output(&self) -> bool {
        self.is_flushed && !self.outbox.is_empty()
    }

    /// What is to go out.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        self.writing = self.outbox.len();
        std::mem::take(&mut self.outbox)
    }

    /// Of what is being written the connection took so much.
    pub(super) fn written(&mut self, n: usize) {
        self.writing -= n;
        self.sent += n as u64;
        self.is_flushed = self.kept() > 0;
        self.wake();
    }

    /// Whether nothing of what was sent has gone out since so much had been sent.
    pub(super) fn is_unsent_since(&self, sent: u64) -> bool {
        self.sent == sent && self.writing == 0
    }
}
