//! A connection over a kernel stream socket.

use std::io;
use std::mem::replace;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use libc::IPPROTO_TCP;
use socket2::{SockRef, Socket};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use super::source_ports::SourcePort;
use super::{KernelModel, Origin};
use crate::address::{Address, UnixAddress, unmapped};
use crate::carriers::Carriers;
use crate::info::{ConnectionInfo, State};
use crate::options::{SocketOption, apply};
use crate::protocol::Incoming;
use crate::stream::{SpliceEnd, Stream, Support};
use crate::sys;

#[derive(Debug)]
pub(super) struct KernelStream {
    /// tokio's TCP stream works with any connected stream socket over IP: it calls `recv`, `send` and `shutdown`.
    io: TcpStream,
    model: &'static KernelModel,
    origin: Origin,
    /// The port of this end, if it is one of a range. It is given back when the socket is closed, so it comes after it.
    port: Option<Box<SourcePort>>,
    /// Whether the first call in each direction is still to be made. It is made without asking the runtime, which learns
    /// only in its next turn what a socket is ready for that was just registered: by now the call mostly succeeds.
    reads_at_once: bool,
    writes_at_once: bool,
}

impl KernelStream {
    pub(super) fn new(model: &'static KernelModel, io: TcpStream, origin: Origin) -> KernelStream {
        KernelStream { io, model, origin, port: None, reads_at_once: false, writes_at_once: true }
    }

    /// Reads at once: of a client that was just accepted, the first bytes have mostly arrived.
    pub(super) fn reading_at_once(self) -> KernelStream {
        KernelStream { reads_at_once: true, ..self }
    }

    pub(super) fn with_port(self, port: Option<Box<SourcePort>>) -> KernelStream {
        KernelStream { port, ..self }
    }

    fn splice_end(&self) -> Option<&dyn SpliceEnd> {
        // A fallback may be a plain TCP socket, which splices, or a socket of the protocol that only uses TCP.
        (self.model.splices || self.origin.ipproto == IPPROTO_TCP).then_some(self)
    }
}

impl AsyncRead for KernelStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if replace(&mut self.reads_at_once, false)
            && let Some(result) = at_once(sys::recv(self.io.as_fd(), buf))
        {
            return Poll::Ready(result);
        }
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for KernelStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if replace(&mut self.writes_at_once, false) {
            let sent = SockRef::from(&self.io).send_with_flags(buf, libc::MSG_NOSIGNAL);
            if let Some(result) = at_once(sent) {
                return Poll::Ready(result);
            }
        }
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if replace(&mut self.writes_at_once, false) {
            let sent = SockRef::from(&self.io).send_vectored_with_flags(bufs, libc::MSG_NOSIGNAL);
            if let Some(result) = at_once(sent) {
                return Poll::Ready(result);
            }
        }
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
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

/// Returns the result of a call, or `None` if it is to be made again once the runtime says so.
fn at_once<T>(result: io::Result<T>) -> Option<io::Result<T>> {
    use io::ErrorKind::{Interrupted, WouldBlock};
    match result {
        Err(error) if matches!(error.kind(), Interrupted | WouldBlock) => None,
        result => Some(result),
    }
}

impl Stream for KernelStream {
    fn peer_addr(&self) -> Address {
        self.origin.peer.clone()
    }

    fn local_addr(&self) -> Address {
        match self.io.local_addr() {
            Ok(addr) => Address::Inet(unmapped(addr)),
            // The system does not fail here for an open socket, and there is no address to return instead.
            Err(_) => Address::Unix(UnixAddress::Unnamed),
        }
    }

    fn info(&self) -> ConnectionInfo {
        (self.model.inspect)(self.io.as_fd(), &self.origin)
    }

    /// Returns the state in which the connection was made. Only the system knows later changes, and asking it would
    /// cost a system call for every connection and exchange.
    fn carriers(&self) -> Carriers {
        let Origin { transport, fallback, ipproto, .. } = self.origin;
        let is_ordinary = ipproto == IPPROTO_TCP || fallback.is_some();
        let state = fallback.map_or(State::Native, State::Fallback);
        Carriers { transport, is_ordinary, layers: Vec::new(), state }
    }

    fn abort(self: Box<Self>) {
        let _ = SockRef::from(&self.io).set_linger(Some(std::time::Duration::ZERO));
        if self.model.fallback.is_some() {
            // Closing an MPTCP socket without lingering does not reset the connection (Linux 6.18); disconnecting
            // does.
            let _ = sys::disconnect(self.io.as_fd());
        }
    }

    fn set_option(&self, option: &SocketOption) -> io::Result<Support> {
        apply::set(self.io.as_fd(), option)
    }

    fn original_dst(&self) -> Option<Address> {
        let socket = SockRef::from(&self.io);
        let local = unmapped(self.io.local_addr().ok()?);
        // The local address of a transparent socket is already the client's destination.
        if apply::is_transparent(self.io.as_fd()).unwrap_or(false) {
            return None;
        }
        let original = if local.is_ipv4() { socket.original_dst_v4() } else { socket.original_dst_v6() };
        let original = original.ok()?.as_socket().map(unmapped)?;
        (original != local).then_some(Address::Inet(original))
    }

    fn has_ended(&self) -> bool {
        sys::has_ended(self.io.as_fd())
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        let socket = Socket::from(self.io.into_std()?);
        Ok(Box::new(Detached { socket, model: self.model, origin: self.origin, port: self.port }))
    }

    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        self.splice_end()
    }

    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        self.splice_end()
    }
}

impl SpliceEnd for KernelStream {
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
        self.io.try_io(Interest::READABLE, call)
    }

    fn try_write_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, call)
    }
}

/// A connection on its way from one worker to another.
#[derive(Debug)]
struct Detached {
    socket: Socket,
    model: &'static KernelModel,
    origin: Origin,
    port: Option<Box<SourcePort>>,
}

impl Incoming for Detached {
    fn peer_addr(&self) -> &Address {
        &self.origin.peer
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        let stream = register_stream(self.socket)?;
        Ok(Box::new(KernelStream::new(self.model, stream, self.origin).with_port(self.port)))
    }
}

/// Registers a connected socket with the runtime of this thread.
pub(super) fn register_stream(socket: Socket) -> io::Result<TcpStream> {
    tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
    TcpStream::from_std(socket.into())
}
