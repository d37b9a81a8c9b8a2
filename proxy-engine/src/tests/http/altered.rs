//! Streams that forward all calls to another one, except for what a test alters.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use proto_core::address::Address;
use proto_core::info::ConnectionInfo;
use proto_core::options::SocketOption;
use proto_core::stream::{Incoming, Stream, Support};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is altered.
pub(super) trait Alteration: fmt::Debug + Send + Unpin + 'static {
    /// Reads what the stream has, unless the test gives something else.
    fn poll_read(
        &mut self,
        stream: &mut dyn Stream,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(stream).poll_read(cx, room)
    }

    /// Called when the sending direction is closed.
    fn closes(&mut self) {}

    /// Returns what the stream says about its connection.
    fn info(&self, stream: &dyn Stream) -> ConnectionInfo {
        stream.info()
    }
}

/// A stream with an alteration.
#[derive(Debug)]
pub(super) struct Altered<A> {
    stream: Box<dyn Stream>,
    alteration: A,
}

impl<A: Alteration> Altered<A> {
    pub(super) fn boxed(stream: Box<dyn Stream>, alteration: A) -> Box<dyn Stream> {
        Box::new(Altered { stream, alteration })
    }
}

impl<A: Alteration> AsyncRead for Altered<A> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Altered { stream, alteration } = &mut *self;
        alteration.poll_read(&mut **stream, cx, room)
    }
}

impl<A: Alteration> AsyncWrite for Altered<A> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.alteration.closes();
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<A: Alteration> Stream for Altered<A> {
    fn peer_addr(&self) -> Address {
        self.stream.peer_addr()
    }

    fn local_addr(&self) -> Address {
        self.stream.local_addr()
    }

    fn info(&self) -> ConnectionInfo {
        self.alteration.info(&*self.stream)
    }

    fn abort(self: Box<Self>) {
        self.stream.abort();
    }

    fn set_option(&self, option: &SocketOption) -> io::Result<Support> {
        self.stream.set_option(option)
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
