//! What is to be written to a connection and was not taken yet.
//!
//! A head waits here for what follows it, so that both go out in one call; what the connection does not take at once
//! waits here, too. Its memory is given back when it is empty and the connection idle.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use proxy_http::Fields;
use proxy_http::h1::Framing;
use proxy_http::h1::write::{CHUNK_END, CaseMap, ChunkHead, LAST_CHUNK, last_chunk};

/// Pieces of one write: what was kept, a chunk's head, data, a chunk's end.
const PIECES: usize = 4;

/// The end of a chunk, and of the body.
const END_AND_LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

/// Bytes on their way out.
#[derive(Debug, Default)]
pub(super) struct Output {
    kept: Vec<u8>,
    /// How many of those kept are written.
    written: usize,
    /// Bytes that the connection took, since it began.
    sent: u64,
    unflushed: bool,
    failure: Option<io::ErrorKind>,
}

impl Output {
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Bytes that are kept.
    pub(super) fn kept(&self) -> usize {
        self.kept.len() - self.written
    }

    /// To be appended to; goes out before what is written next.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.kept
    }

    /// Forgets what is kept.
    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.written = 0;
    }

    /// Takes its memory, for others to use.
    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        self.clear();
        std::mem::take(&mut self.kept)
    }

    /// How writing failed, if it has.
    pub(super) fn failure(&self) -> Option<io::ErrorKind> {
        self.failure
    }

    fn failed(&mut self, error: io::Error) -> io::Error {
        self.failure = Some(error.kind());
        error
    }

    /// Writes what is kept and these; what is not taken is kept.
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
        if taken == total {
            self.kept.clear();
            self.written = 0;
            return Ok(());
        }
        let from_kept = taken.min(waiting.len());
        let mut skip = taken - from_kept;
        self.written += from_kept;
        for piece in pieces {
            let gone = skip.min(piece.len());
            self.kept.extend_from_slice(&piece[gone..]);
            skip -= gone;
        }
        Ok(())
    }

    /// Writes data of a body, delimited as its framing demands, and with the trailers its end.
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
            // Nobody would read it: what a server has sent after its response to HEAD, perhaps.
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
                        last_chunk(trailers, names, &mut self.kept);
                        self.write(cx, stream, [&[], &[], &[]])
                    }
                }
            }
        }
    }

    /// Ready when nothing is kept.
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
