//! A connection over a UNIX stream socket, on a worker and between two.

use std::cell::Cell;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::carriers::Carriers;
use proto_core::extension::Value;
use proto_core::info::{ConnectionInfo, Path, PathState};
use proto_core::options::SocketOption;
use proto_core::protocol::Incoming;
use proto_core::stream::{DescriptorSender, SpliceEnd, Stream, Support};
use socket2::Socket;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use crate::{options, sys};

/// What is known about a connection from the way it was made.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    pub(crate) transport: &'static str,
    /// Shared, since most connections of a listener have the same. It is not read from the socket, which would report
    /// the temporary name of a path.
    pub(crate) local: Arc<Address>,
    /// The peer as the transport that made the connection knows it; clients mostly have no name.
    pub(crate) peer: Address,
}

/// A connection that belongs to no reactor.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: Socket,
    ends: Ends,
    sent: u64,
    received: u64,
}

impl Connection {
    /// Returns a new connection; the socket must be non-blocking.
    pub(crate) fn new(socket: Socket, ends: Ends) -> Connection {
        Connection { socket, ends, sent: 0, received: 0 }
    }

    /// Registers it with the runtime of the calling thread.
    pub(crate) fn register(self) -> io::Result<UnixStream> {
        tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
        let io = tokio::net::UnixStream::from_std(self.socket.into())?;
        let (sent, received) = (Cell::new(self.sent), Cell::new(self.received));
        Ok(UnixStream { io, ends: self.ends, sent, received })
    }
}

impl Incoming for Connection {
    fn peer_addr(&self) -> &Address {
        &self.ends.peer
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(self.register()?))
    }
}

/// A connection on its worker.
#[derive(Debug)]
pub(crate) struct UnixStream {
    io: tokio::net::UnixStream,
    ends: Ends,
    /// Bytes moved, including spliced ones: the kernel does not count them.
    sent: Cell<u64>,
    received: Cell<u64>,
}

fn count(counter: &Cell<u64>, bytes: usize) {
    counter.set(counter.get() + bytes as u64);
}

impl AsyncRead for UnixStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        count(&self.received, buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for UnixStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, buf))?;
        count(&self.sent, written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, bufs))?;
        count(&self.sent, written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Stream for UnixStream {
    fn peer_addr(&self) -> Address {
        self.ends.peer.clone()
    }

    fn local_addr(&self) -> Address {
        Address::clone(&self.ends.local)
    }

    fn info(&self) -> ConnectionInfo {
        let mut info = ConnectionInfo::ordinary(self.ends.transport);
        info.path_limit = Some(1);
        info.paths = vec![Path {
            id: 0,
            local: self.local_addr(),
            remote: self.peer_addr(),
            rtt: None,
            bytes_sent: self.sent.get(),
            bytes_received: self.received.get(),
            retransmissions: 0,
            backup: None,
            state: PathState::Established,
        }];
        if let Ok(peer) = sys::peer_credentials(self.io.as_fd()) {
            // 0 is a process outside this process's pid namespace.
            if peer.pid != 0 {
                info.extra.push(("peer_pid", Value::Integer(peer.pid.into())));
            }
            info.extra.push(("peer_uid", Value::Integer(peer.uid.into())));
            info.extra.push(("peer_gid", Value::Integer(peer.gid.into())));
        }
        info
    }

    fn carriers(&self) -> Carriers {
        ConnectionInfo::ordinary(self.ends.transport).into()
    }

    /// Closes the connection: UNIX sockets have no reset, and this comes nearest. If the peer has sent anything that
    /// was not read, it gets `ECONNRESET` after the bytes already in its queue; otherwise it sees the end of the
    /// stream, and writing fails with `EPIPE`. Bytes in its queue cannot be taken back, whatever `SO_LINGER` is.
    fn abort(self: Box<Self>) {}

    fn set_option(&self, option: &SocketOption) -> io::Result<Support> {
        options::set(self.io.as_fd(), option)
    }

    fn has_ended(&self) -> bool {
        proto_core::sys::has_ended(self.io.as_fd())
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        let socket = Socket::from(self.io.into_std()?);
        let (sent, received) = (self.sent.get(), self.received.get());
        Ok(Box::new(Connection { socket, ends: self.ends, sent, received }))
    }

    // Measured on Linux 6.18, CPU time of a relay for bulk data against 256 KiB copies: UNIX to UNIX 0.11 against
    // 0.21 s/GB, TCP to UNIX 0.14 against 0.41 s/GB, UNIX to TCP about equal.
    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        Some(self)
    }

    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        Some(self)
    }

    fn descriptor_sender(&self) -> Option<&dyn DescriptorSender> {
        Some(self)
    }
}

impl DescriptorSender for UnixStream {
    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        descriptors: &[BorrowedFd<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.io.poll_write_ready(cx))?;
            let send = || sys::send_descriptors(self.io.as_fd(), bytes, descriptors);
            match self.io.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => {
                    count(&self.sent, *sent.as_ref().unwrap_or(&0));
                    return Poll::Ready(sent);
                }
            }
        }
    }
}

impl SpliceEnd for UnixStream {
    fn fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_read_ready(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_write_ready(cx)
    }

    fn try_read_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize> {
        let bytes = self.io.try_io(Interest::READABLE, call)?;
        count(&self.received, bytes);
        Ok(bytes)
    }

    fn try_write_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize> {
        let bytes = self.io.try_io(Interest::WRITABLE, call)?;
        count(&self.sent, bytes);
        Ok(bytes)
    }
}
