//! A connection on its worker, where the bytes change.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::extension::Value;
use proto_core::info::ConnectionInfo;
use proto_core::options::SocketOption;
use proto_core::protocol::Incoming;
use proto_core::stream::{PathEvents, Stream, Support};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::key::Progress;
use super::sample::BYTES;

/// The bytes scrambled for one write. On the stack, so that an idle connection holds no buffer.
const PIECE: usize = 8 * 1024;

#[derive(Debug)]
pub(super) struct ScrambledStream {
    below: Box<dyn Stream>,
    progress: Progress,
}

impl ScrambledStream {
    pub(super) fn new(below: Box<dyn Stream>, progress: Progress) -> ScrambledStream {
        ScrambledStream { below, progress }
    }
}

impl AsyncRead for ScrambledStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.below).poll_read(cx, buf))?;
        self.progress.unscramble(&mut buf.filled_mut()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ScrambledStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(buf)])
    }

    /// Scrambles a piece and writes it below. What is not accepted is discarded and scrambled again next time, so this
    /// stream has nothing to flush and nothing to lose.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut piece = [0; PIECE];
        let length = self.progress.scramble(bufs, &mut piece);
        let written = ready!(Pin::new(&mut self.below).poll_write(cx, &piece[..length]))?;
        self.progress.wrote(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.below).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.below).poll_shutdown(cx)
    }
}

impl Stream for ScrambledStream {
    fn peer_addr(&self) -> Address {
        self.below.peer_addr()
    }

    fn local_addr(&self) -> Address {
        self.below.local_addr()
    }

    fn info(&self) -> ConnectionInfo {
        let mut info = self.below.info();
        info.extra.push((BYTES, Value::Integer(self.progress.bytes())));
        info
    }

    fn abort(self: Box<Self>) {
        self.below.abort();
    }

    fn set_option(&self, option: &SocketOption) -> io::Result<Support> {
        self.below.set_option(option)
    }

    fn original_dst(&self) -> Option<Address> {
        self.below.original_dst()
    }

    fn has_ended(&self) -> bool {
        self.below.has_ended()
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        let below = self.below.detach()?;
        Ok(Box::new(ScrambledIncoming { below, progress: self.progress }))
    }

    fn path_events(&self) -> Option<&dyn PathEvents> {
        self.below.path_events()
    }

    // `splice_read` and `splice_write` stay `None`: spliced bytes would bypass this stream unchanged.
}

/// A connection that belongs to no worker: just accepted, or on its way from one worker to another.
#[derive(Debug)]
pub(super) struct ScrambledIncoming {
    below: Box<dyn Incoming>,
    progress: Progress,
}

impl ScrambledIncoming {
    pub(super) fn new(below: Box<dyn Incoming>, progress: Progress) -> ScrambledIncoming {
        ScrambledIncoming { below, progress }
    }
}

impl Incoming for ScrambledIncoming {
    fn peer_addr(&self) -> &Address {
        self.below.peer_addr()
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(ScrambledStream::new(self.below.into_stream()?, self.progress)))
    }
}
