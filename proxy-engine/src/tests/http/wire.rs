//! A peer's connection, whose output is written as the proxy takes it, whatever the script does meanwhile.
//!
//! In HTTP/1 there is one exchange, 0, and nothing is read before the script receives. Records are read at once and
//! sorted by exchange: only the window holds the proxy back.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use proto_core::stream::Stream;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use super::format::{self, CREDIT, DATA, GOODBYE, HEAD, REFUSED, RESET, WINDOW};
use super::message::Language;

/// The most bytes read at once.
pub(super) const READ: usize = 4096;

#[derive(Debug)]
pub(super) struct Wire {
    pub(super) stream: Option<Box<dyn Stream>>,
    language: Language,
    unsent: BTreeMap<u32, VecDeque<u8>>,
    /// The bytes that are being written; in records, one record.
    writing: VecDeque<u8>,
    /// The bytes of data that the proxy takes, by exchange, once they differ from the initial window.
    windows: BTreeMap<u32, usize>,
    pub(super) ends: bool,
    input: Vec<u8>,
    /// The received bytes of each exchange. A reset stays as the last record.
    pub(super) inboxes: BTreeMap<u32, Vec<u8>>,
    pub(super) is_at_end: bool,
    /// Whether the proxy has announced that it accepts or opens no more exchanges.
    pub(super) is_told_end: bool,
    pump: Option<Waker>,
    pub(super) reader: Option<Waker>,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>, language: Language) -> Wire {
        Wire {
            stream: Some(stream),
            language,
            unsent: BTreeMap::new(),
            writing: VecDeque::new(),
            windows: BTreeMap::new(),
            ends: false,
            input: Vec::new(),
            inboxes: BTreeMap::new(),
            is_at_end: false,
            is_told_end: false,
            pump: None,
            reader: None,
        }
    }

    pub(super) fn wake(&mut self) {
        self.pump.take().into_iter().for_each(Waker::wake);
    }

    pub(super) fn say(&mut self, number: u32, bytes: &[u8]) {
        self.unsent.entry(number).or_default().extend(bytes);
        self.wake();
    }

    pub(super) fn unsent(&self) -> usize {
        self.writing.len() + self.unsent.values().map(VecDeque::len).sum::<usize>()
    }

    /// Takes received data, at most `READ` bytes, and grants the proxy as many.
    pub(super) fn take_data(&mut self, number: u32) -> Vec<u8> {
        let inbox = self.inboxes.get_mut(&number).unwrap();
        let (start, mut text) = format::take(inbox).unwrap();
        assert_eq!(start.tag, DATA);
        if text.len() > READ {
            inbox.splice(..0, format::record(DATA, number, &text.split_off(READ)));
        }
        self.say(0, &format::said(CREDIT, number, text.len()));
        text
    }

    /// Ready when the connection has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.pump = Some(cx.waker().clone());
        loop {
            if self.stream.is_none() {
                return Poll::Ready(());
            }
            // A failure is found when the script receives.
            let _ = self.poll_write(cx);
            if self.language == Language::Http1 || self.is_at_end {
                return Poll::Pending;
            }
            let mut room = [0; READ];
            let n = ready!(self.poll_read(cx, &mut room));
            self.input.extend_from_slice(&room[..n]);
            self.is_at_end = n == 0;
            while let Some((start, text)) = format::take(&mut self.input) {
                match start.tag {
                    CREDIT => *self.window(start.number) += format::value(&text),
                    GOODBYE => self.is_told_end = true,
                    tag => {
                        let inbox = self.inboxes.entry(start.number).or_default();
                        inbox.extend(format::record(tag, start.number, &text));
                    }
                }
            }
            self.reader.take().into_iter().for_each(Waker::wake);
        }
    }

    fn window(&mut self, number: u32) -> &mut usize {
        self.windows.entry(number).or_insert(WINDOW)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.writing.is_empty() || self.choose() {
            let stream = Pin::new(self.stream.as_mut().unwrap());
            let n = ready!(stream.poll_write(cx, self.writing.as_slices().0))?;
            self.writing.drain(..n);
        }
        if self.ends && self.unsent() == 0 {
            return Pin::new(self.stream.as_mut().unwrap()).poll_shutdown(cx);
        }
        Poll::Pending
    }

    /// Chooses output that may be written.
    fn choose(&mut self) -> bool {
        for number in self.unsent.keys().copied().collect::<Vec<_>>() {
            let room = *self.window(number);
            let unsent = self.unsent.get_mut(&number).unwrap();
            let all = unsent.len();
            // An incomplete record is written as it is.
            let (data, length) = match format::start(unsent.make_contiguous()) {
                Some(start) if self.language == Language::Records => {
                    (if start.tag == DATA { start.length } else { 0 }, all.min(HEAD + start.length))
                }
                _ => (0, all),
            };
            if length > 0 && data <= room {
                self.writing = unsent.drain(..length).collect();
                *self.window(number) -= data;
                return true;
            }
        }
        false
    }

    /// Reads once. Returns the number of bytes, 0 at the end of file and after a reset.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<usize> {
        let mut buffer = ReadBuf::new(room);
        let read = ready!(Pin::new(self.stream.as_mut().unwrap()).poll_read(cx, &mut buffer));
        Poll::Ready(read.map_or(0, |()| buffer.filled().len()))
    }

    /// Ready when a record of an exchange has arrived, with `false` if it was reset or the connection has ended.
    pub(super) fn poll_record(&mut self, cx: &Context<'_>, number: u32) -> Poll<bool> {
        match self.inboxes.get(&number).and_then(|inbox| format::start(inbox)) {
            Some(start) => Poll::Ready(!matches!(start.tag, RESET | REFUSED)),
            None if self.is_at_end => Poll::Ready(false),
            None => {
                self.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}
