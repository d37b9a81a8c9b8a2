//! Copying: bytes are read into the worker's buffer and written at once, and only those that the receiver did not
//! take are kept.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use tokio::io::ReadBuf;

/// Bytes that were read and that the receiver has not taken yet. The memory is freed as soon as they are written.
#[derive(Debug)]
pub(crate) struct Spill<'a> {
    /// The worker's count of bytes kept.
    kept: &'a Cell<usize>,
    bytes: Vec<u8>,
    written: usize,
}

impl<'a> Spill<'a> {
    pub(crate) fn new(kept: &'a Cell<usize>, bytes: Vec<u8>) -> Spill<'a> {
        kept.set(kept.get() + bytes.len());
        Spill { kept, bytes, written: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.written == self.bytes.len()
    }

    /// Writes some of the bytes.
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        to: &mut dyn Stream,
    ) -> Poll<io::Result<usize>> {
        let n = ready!(poll_write(cx, to, &self.bytes[self.written..]))?;
        self.written += n;
        Poll::Ready(Ok(n))
    }
}

impl Drop for Spill<'_> {
    fn drop(&mut self) {
        self.kept.set(self.kept.get() - self.bytes.len());
    }
}

/// Reads into the buffer; 0 at the end of file.
pub(crate) fn poll_read(
    cx: &mut Context<'_>,
    from: &mut dyn Stream,
    into: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut buffer = ReadBuf::new(into);
    ready!(Pin::new(from).poll_read(cx, &mut buffer))?;
    Poll::Ready(Ok(buffer.filled().len()))
}

/// Writes at least one byte.
pub(crate) fn poll_write(cx: &mut Context<'_>, to: &mut dyn Stream, bytes: &[u8]) -> Poll<io::Result<usize>> {
    match ready!(Pin::new(to).poll_write(cx, bytes)) {
        Ok(0) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
        result => Poll::Ready(result),
    }
}
