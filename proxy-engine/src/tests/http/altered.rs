//! A stream that reports on its connection only while it is open, as the kernel does.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use proto_core::address::Address;
use proto_core::info::ConnectionInfo;
use proto_core::options::SocketOption;
use proto_core::stream::{Incoming, Stream, Support};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[derive(Debug)]
pub(super) struct Forgetful {
    stream: Box<dyn Stream>,
    is_closed: bool,
}

impl Forgetful {
    pub(super) fn new(stream: Box<dyn Stream>) -> Forgetful {
        Forgetful { stream, is_closed: false }
    }
}

impl AsyncRead for Forgetful {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, room)
    }
}

impl AsyncWrite for Forgetful {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_closed = true;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Stream for Forgetful {
    fn peer_addr(&self) -> Address {
        self.stream.peer_addr()
    }

    fn local_addr(&self) -> Address {
        self.stream.local_addr()
    }

    fn info(&self) -> ConnectionInfo {
        let limit = if self.is_closed { None } else { Some(2) };
        ConnectionInfo { path_limit: limit, ..ConnectionInfo::new("forgetful") }
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
