//! A connection of two processes, on a worker and between two.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::info::{ConnectionInfo, Path, PathState};
use proto_core::options::SocketOption;
use proto_core::protocol::Incoming;
use proto_core::stream::{Stream, Support};
use socket2::Socket;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;

use super::{DESCRIPTOR, without};

/// The state of a connection, registered or detached.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    local: Address,
    peer: Address,
    /// Counted here, since the kernel does not count the bytes of a UNIX socket.
    sent: u64,
    received: u64,
}

impl Connection {
    /// Returns the state of a new connection.
    pub(super) fn new(local: Address, peer: Address) -> Connection {
        Connection { local, peer, sent: 0, received: 0 }
    }
}

/// Registers a connected socket with the runtime of this thread.
pub(super) fn register(socket: Socket, connection: Connection) -> io::Result<Box<dyn Stream>> {
    // tokio would panic without a runtime.
    tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
    Ok(Box::new(RoomStream { io: UnixStream::from_std(socket.into())?, connection }))
}

/// A connection that belongs to no worker.
#[derive(Debug)]
pub(super) struct RoomIncoming {
    pub(super) socket: Socket,
    pub(super) connection: Connection,
}

impl Incoming for RoomIncoming {
    fn peer_addr(&self) -> &Address {
        &self.connection.peer
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        register(self.socket, self.connection)
    }
}

/// A connection on its worker.
#[derive(Debug)]
struct RoomStream {
    io: UnixStream,
    connection: Connection,
}

impl AsyncRead for RoomStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        self.connection.received += (buf.filled().len() - before) as u64;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for RoomStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, bufs))?;
        self.connection.sent += written as u64;
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

impl Stream for RoomStream {
    fn peer_addr(&self) -> Address {
        self.connection.peer.clone()
    }

    fn local_addr(&self) -> Address {
        self.connection.local.clone()
    }

    fn info(&self) -> ConnectionInfo {
        let mut info = ConnectionInfo::new(DESCRIPTOR.name);
        info.path_limit = Some(1);
        info.paths = vec![Path {
            id: 0,
            local: self.local_addr(),
            remote: self.peer_addr(),
            rtt: None,
            bytes_sent: self.connection.sent,
            bytes_received: self.connection.received,
            retransmissions: 0,
            backup: None,
            state: PathState::Established,
        }];
        info
    }

    /// Closes the connection: a UNIX socket has no reset that its peer could distinguish from an end, unless bytes are
    /// left unread, and closing comes nearest.
    fn abort(self: Box<Self>) {}

    fn set_option(&self, _option: &SocketOption) -> io::Result<Support> {
        Ok(without())
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        let socket = Socket::from(self.io.into_std()?);
        Ok(Box::new(RoomIncoming { socket, connection: self.connection }))
    }
}
