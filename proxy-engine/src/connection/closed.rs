//! A connection that is closed, for what is still told of it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use proto_core::address::Address;
use proto_core::info::ConnectionInfo;
use proto_core::options::SocketOption;
use proto_core::protocol::Incoming;
use proto_core::stream::{Stream, Support};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that is closed.
#[derive(Clone, Debug)]
pub(crate) struct Closed {
    pub(crate) peer: Address,
    pub(crate) local: Address,
}

impl AsyncRead for Closed {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Closed {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Stream for Closed {
    fn peer_addr(&self) -> Address {
        self.peer.clone()
    }

    fn local_addr(&self) -> Address {
        self.local.clone()
    }

    fn info(&self) -> ConnectionInfo {
        ConnectionInfo::ordinary("closed")
    }

    fn abort(self: Box<Self>) {}

    fn set_option(&self, _: &SocketOption) -> io::Result<Support> {
        Ok(Support::Unsupported)
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        Err(io::ErrorKind::NotConnected.into())
    }
}
