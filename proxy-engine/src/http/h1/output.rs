//! The bytes that are still to be written to a connection.
//!
//! A head waits here for what follows it, so that both go out in one call, and so do bytes that the kernel does not
//! take at once. The buffer is returned to the worker once it is empty.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use proxy_http::Fields;
use proxy_http::h1::Framing;
use proxy_http::h1::write::{CHUNK_END, CaseMap, ChunkHead, LAST_CHUNK, last_chunk};

use crate::exchange::memory::Memory;

/// The bytes that a buffer has room for before a head is written to it: most heads fit.
const HEAD: usize = 2048;

/// The pieces of one write: kept bytes, a chunk's head, data, a chunk's end.
const PIECES: usize = 4;

/// The end of a chunk, and of the body.
const END_AND_LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

/// The output of a connection.
#[derive(Debug)]
pub(super) struct Output {
    memory: Rc<Memory>,
    kept: Vec<u8>,
    /// The number of kept bytes that are written already.
    written: usize,
    /// The number of bytes written since the connection began.
    sent: u64,
    unflushed: bool,
    failure: Option<io::ErrorKind>,
}

impl Output {
    pub(super) fn new(memory: &Rc<Memory>) -> Output {
        Output {
            memory: Rc::clone(memory),
            kept: Vec::new(),
            written: 0,
            sent: 0,
            unflushed: false,
            failure: None,
        }
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Returns the number of kept bytes that are still to be written.
    pub(super) fn kept(&self) -> usize {
        self.kept.len() - self.written
    }

    /// Returns the kept bytes, to be appended to. They go out before anything that is written later.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        self.memory.fill(&mut self.kept, HEAD);
        &mut self.kept
    }

    /// Discards the kept bytes.
    pub(super) fn clear(&mut self) {
        self.memory.give(std::mem::take(&mut self.kept));
        self.written = 0;
    }

    /// Returns the error of a failed write, if any.
    pub(super) fn failure(&self) -> Option<io::ErrorKind> {
        self.failure
    }

    fn failed(&mut self, error: io::Error) -> io::Error {
        self.failure = Some(error.kind());
        error
    }

    /// Writes the kept bytes and then `pieces`. What the stream does not take is kept.
    pub(super) fn write(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut dyn Stream,
        pieces: [&[u8]; PIECES - 1],
    ) -> io::Result<()> {
        let waiting = &self.kept[self.written..];
        let all = [waiting, pieces[0], pieces[1], pieces[2]];
        let total: usize = all.iter().map(|piece| piece.len()).sum();
        let mut taken = 0;
        let mut slices = all.map(IoSlice::new);
        let mut slices = &mut slices[..];
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            let n = match Pin::new(&mut *stream).poll_write_vectored(cx, slices) {
                Poll::Pending => break,
                Poll::Ready(Ok(0)) => return Err(self.failed(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Err(error)) => return Err(self.failed(error)),
                Poll::Ready(Ok(n)) => n,
            };
            taken += n;
            IoSlice::advance_slices(&mut slices, n);
        }
        self.sent += taken as u64;
        self.unflushed |= taken > 0;
        let from_kept = taken.min(waiting.len());
        let mut skip = taken - from_kept;
        self.written += from_kept;
        if self.written == self.kept.len() {
            self.clear();
        }
        if taken == total {
            return Ok(());
        }
        for piece in pieces {
            let gone = skip.min(piece.len());
            if gone < piece.len() {
                self.memory.hold(&mut self.kept, &piece[gone..])?;
            }
            skip -= gone;
        }
        Ok(())
    }

    /// Writes data of a body in its framing, and with `end`, the trailers, also the end of the body.
    pub(super) fn send(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut dyn Stream,
        framing: Framing,
        names: Option<&CaseMap>,
        data: &[u8],
        end: Option<&Fields>,
    ) -> io::Result<()> {
        match framing {
            // This message has no body: the data is what a server sent after its response to HEAD, say.
            Framing::None => self.write(cx, stream, [&[], &[], &[]]),
            Framing::Length(_) | Framing::UntilClose => self.write(cx, stream, [data, &[], &[]]),
            Framing::Chunked => {
                let head = (!data.is_empty()).then(|| ChunkHead::new(data.len() as u64));
                let head = head.as_ref().map_or(&[][..], ChunkHead::as_bytes);
                match end {
                    None if data.is_empty() => self.write(cx, stream, [&[], &[], &[]]),
                    None => self.write(cx, stream, [head, data, CHUNK_END]),
                    Some(trailers) if trailers.is_empty() => {
                        let last = if data.is_empty() { LAST_CHUNK } else { END_AND_LAST_CHUNK };
                        self.write(cx, stream, [head, data, last])
                    }
                    Some(trailers) => {
                        if !data.is_empty() {
                            self.write(cx, stream, [head, data, CHUNK_END])?;
                        }
                        last_chunk(trailers, names, self.buffer());
                        self.write(cx, stream, [&[], &[], &[]])
                    }
                }
            }
        }
    }

    /// Writes and flushes the kept bytes. Ready when none are left.
    pub(super) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut dyn Stream,
    ) -> Poll<io::Result<()>> {
        if !self.kept.is_empty() {
            self.write(cx, stream, [&[], &[], &[]])?;
            if !self.kept.is_empty() {
                return Poll::Pending;
            }
        }
        if self.unflushed {
            ready!(Pin::new(stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
