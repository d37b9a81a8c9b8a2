//! The bytes that were read from a connection and not consumed yet.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use proxy_http::h1::BodyDecoder;
use proxy_relay::{Budget, NoMemory};
use tokio::io::ReadBuf;

use crate::exchange::body::Part;
use crate::exchange::error::Broken;
use crate::exchange::memory::Memory;

/// The most bytes read from a client beyond the known rest of a body: pipelined requests are buffered in memory.
pub(super) const AHEAD: u64 = 16 * 1024;

/// The input of a connection.
#[derive(Debug)]
pub(super) struct Input {
    memory: Rc<Memory>,
    /// The bytes that were read and not consumed. They have memory while there are any.
    pub(super) bytes: Vec<u8>,
    /// Whether the peer's end of file was read.
    pub(super) is_at_end: bool,
    /// The number of bytes read since the connection began.
    pub(super) received: u64,
    /// The error of a failed read, if any.
    pub(super) failure: Option<io::ErrorKind>,
}

impl Input {
    pub(super) fn new(memory: &Rc<Memory>) -> Input {
        Input { memory: Rc::clone(memory), bytes: Vec::new(), is_at_end: false, received: 0, failure: None }
    }

    /// Keeps bytes that were read, no more than there was [room](Self::room) for.
    fn keep(&mut self, bytes: &[u8]) -> Result<(), NoMemory> {
        self.memory.append(&mut self.bytes, bytes)
    }

    /// Returns how many more bytes to read now.
    fn room(&self) -> usize {
        self.budget().room(&self.bytes)
    }

    pub(super) fn budget(&self) -> Budget {
        self.memory.budget()
    }

    /// Returns the buffer to the worker if there is nothing in it.
    pub(super) fn release(&mut self) {
        if self.bytes.is_empty() {
            self.memory.give(std::mem::take(&mut self.bytes));
        }
    }

    /// Reads once and keeps the bytes. Returns their number, 0 at the end of file. Fails if no more can be kept.
    pub(super) fn poll_more(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut dyn Stream,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let length = room.len().min(AHEAD as usize).min(self.room());
        let n = ready!(self.poll_read(cx, stream, &mut room[..length]))?;
        if n > 0 {
            self.keep(&room[..n])?;
        }
        Poll::Ready(Ok(n))
    }

    /// Returns the next part of a body in `room`, from bytes that were kept or are read now. At most `ahead` bytes are
    /// read beyond those that are known to belong to the body, and no more than can be kept.
    pub(super) fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut dyn Stream,
        body: &mut BodyDecoder,
        ahead: u64,
        room: &mut [u8],
    ) -> Poll<Result<Part, Broken>> {
        loop {
            if body.is_done() {
                return Poll::Ready(Ok(Part::End));
            }
            let length = match self.bytes.len() {
                0 => {
                    let ahead = ahead.min(self.room() as u64);
                    let most = body.raw_remaining().unwrap_or(0).saturating_add(ahead);
                    let most = usize::try_from(most).unwrap_or(usize::MAX).min(room.len());
                    match ready!(self.poll_read(cx, stream, &mut room[..most]))? {
                        0 => {
                            body.end_of_input().map_err(|_| Broken::Ended)?;
                            continue;
                        }
                        n => n,
                    }
                }
                waiting => {
                    let n = waiting.min(room.len());
                    room[..n].copy_from_slice(&self.bytes[..n]);
                    self.bytes.drain(..n);
                    self.release();
                    n
                }
            };
            let decoded = body.decode(&mut room[..length]).map_err(|_| Broken::Malformed)?;
            let rest = &room[decoded.consumed..length];
            if self.bytes.is_empty() && !rest.is_empty() {
                self.memory.append(&mut self.bytes, rest)?;
            } else if !rest.is_empty() {
                // They come before those that are still kept.
                self.bytes.splice(..0, rest.iter().copied());
            }
            if decoded.data > 0 {
                return Poll::Ready(Ok(Part::Data(decoded.data)));
            }
        }
    }

    /// Reads once into `room` without keeping the bytes. Returns their number, 0 at the end of file.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut dyn Stream,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_at_end {
            return Poll::Ready(Ok(0));
        }
        let mut buffer = ReadBuf::new(room);
        let read = ready!(Pin::new(stream).poll_read(cx, &mut buffer));
        read.inspect_err(|error| self.failure = Some(error.kind()))?;
        let n = buffer.filled().len();
        self.is_at_end = n == 0;
        self.received += n as u64;
        Poll::Ready(Ok(n))
    }
}
