//! The filter of the layer: pieces, each preceded by its length. A piece of length 0 is the end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::extension::Value;
use proto_core::info::ConnectionInfo;
use proto_core::layer::Filter;
use proto_core::stream::Stream;
use tokio::io::ReadBuf;

use super::sample::SAVED;
use super::{LONGEST, code};

/// The size of the length before a piece, in bytes.
const HEAD: usize = 2;
/// The longest packed piece, in bytes: one byte more for each 128 literal ones.
const LONGEST_PACKED: usize = LONGEST + LONGEST / 128 + 1;
/// The size of one read, in bytes. It is on the stack, so that an idle connection holds no buffer.
const READ: usize = 4096;

/// The state of both directions.
#[derive(Debug)]
pub(super) struct Packing {
    piece: usize,
    /// Bytes that were read and not unpacked: less than a piece.
    received: Vec<u8>,
    /// Bytes that were unpacked and not returned, from `taken` on.
    ready: Vec<u8>,
    taken: usize,
    has_ended: bool,
    /// Bytes that were packed and not written, from `written` on: a piece, and perhaps the end.
    packed: Vec<u8>,
    written: usize,
    has_sent_the_end: bool,
    saved: u64,
}

impl Packing {
    pub(super) fn new(piece: usize) -> Packing {
        Packing {
            piece,
            received: Vec::new(),
            ready: Vec::new(),
            taken: 0,
            has_ended: false,
            packed: Vec::new(),
            written: 0,
            has_sent_the_end: false,
            saved: 0,
        }
    }

    /// Unpacks the received bytes if they contain a whole piece.
    fn unpack(&mut self) -> io::Result<()> {
        let Some((head, rest)) = self.received.split_first_chunk::<HEAD>() else { return Ok(()) };
        let length = usize::from(u16::from_be_bytes(*head));
        let bad = |why| io::Error::new(io::ErrorKind::InvalidData, why);
        if length > LONGEST_PACKED {
            return Err(bad("a piece is longer than allowed"));
        }
        if length == 0 {
            (self.has_ended, self.received) = (true, Vec::new());
            return Ok(());
        }
        let Some(piece) = rest.get(..length) else { return Ok(()) };
        self.ready = code::unpack(piece, LONGEST).ok_or_else(|| bad("a piece cannot be unpacked"))?;
        self.taken = 0;
        self.saved += (self.ready.len().saturating_sub(length)) as u64;
        self.received.drain(..HEAD + length);
        self.received.shrink_to_fit();
        Ok(())
    }

    /// Writes the packed bytes.
    fn poll_write_packed(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.packed.len() {
            match ready!(Pin::new(&mut *below).poll_write(cx, &self.packed[self.written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written += written,
            }
        }
        (self.packed, self.written) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }
}

impl Filter for Packing {
    fn name(&self) -> Option<&'static str> {
        Some("pack")
    }

    fn poll_read(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let ready = &self.ready[self.taken..];
            if !ready.is_empty() {
                let length = ready.len().min(buf.remaining());
                buf.put_slice(&ready[..length]);
                self.taken += length;
                if self.taken == self.ready.len() {
                    (self.ready, self.taken) = (Vec::new(), 0);
                }
                return Poll::Ready(Ok(()));
            }
            // After the end nothing more is read, whatever the peer has sent.
            if self.has_ended {
                return Poll::Ready(Ok(()));
            }
            self.unpack()?;
            if self.has_ended || !self.ready.is_empty() {
                continue;
            }
            let mut bytes = [0; READ];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut *below).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                // The peer has not sent its end: bytes may be missing.
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.received.extend_from_slice(read.filled());
        }
    }

    /// Accepts as many bytes as a piece may have. The piece is held until it is written, and no more bytes are
    /// accepted meanwhile, which bounds the memory.
    fn poll_write(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_write_packed(below, cx))?;
        let mut bytes = Vec::with_capacity(bufs.iter().map(|buf| buf.len()).sum::<usize>().min(self.piece));
        for buf in bufs {
            let room = self.piece - bytes.len();
            bytes.extend_from_slice(&buf[..buf.len().min(room)]);
        }
        if bytes.is_empty() {
            // A piece of length 0 would be the end.
            return Poll::Ready(Ok(0));
        }
        self.packed.extend([0; HEAD]);
        code::pack(&bytes, &mut self.packed);
        let length = self.packed.len() - HEAD;
        // Less than `LONGEST_PACKED`, so it fits.
        self.packed[..HEAD].copy_from_slice(&(length as u16).to_be_bytes());
        self.saved += bytes.len().saturating_sub(length) as u64;
        // What is not written now is written with the next write or flush. An error is returned there again.
        let _ = self.poll_write_packed(below, cx)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_packed(below, cx))?;
        Pin::new(below).poll_flush(cx)
    }

    fn poll_shutdown(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.has_sent_the_end {
            self.packed.extend([0; HEAD]);
            self.has_sent_the_end = true;
        }
        ready!(self.poll_write_packed(below, cx))?;
        Pin::new(below).poll_shutdown(cx)
    }

    fn describe(&self, info: &mut ConnectionInfo) {
        info.extra.push((SAVED, Value::Integer(self.saved)));
    }
}
