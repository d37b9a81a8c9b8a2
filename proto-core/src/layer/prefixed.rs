//! A stream with bytes put back in front of it: bytes that a parser read ahead are read again by the next reader.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::ReadBuf;

use super::filter::{Filter, Wrapped};
use crate::stream::Stream;

/// Bytes that are read before those of the stream below.
#[derive(Debug)]
pub struct Prefixed {
    prefix: Vec<u8>,
    read: usize,
}

impl Prefixed {
    /// Puts bytes in front of a stream. With no bytes, the stream is returned as it is.
    #[expect(clippy::new_ret_no_self, reason = "a stream without a prefix needs no wrapper")]
    pub fn new(prefix: Vec<u8>, stream: Box<dyn Stream>) -> Box<dyn Stream> {
        if prefix.is_empty() { stream } else { Box::new(Wrapped::new(Prefixed { prefix, read: 0 }, stream)) }
    }
}

impl Filter for Prefixed {
    fn name(&self) -> Option<&'static str> {
        None
    }

    fn poll_read(
        &mut self,
        _below: &mut dyn Stream,
        _cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let pending = &self.prefix[self.read..];
        let length = pending.len().min(buf.remaining());
        buf.put_slice(&pending[..length]);
        self.read += length;
        if self.read == self.prefix.len() {
            // The connection may live for hours and no longer needs it.
            self.prefix = Vec::new();
            self.read = 0;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(below).poll_write_vectored(cx, bufs)
    }

    fn is_done_reading(&self) -> bool {
        self.prefix.is_empty()
    }

    fn is_done_writing(&self) -> bool {
        true
    }
}
