//! A connected socket of any family and type, registered with the reactor of this thread, for reading and writing.
//!
//! tokio has such a type for each kind of socket that it supports. This one serves the kinds that tokio does not
//! support.

use std::io::{self, IoSlice, IoSliceMut, Read as _};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use socket2::{SockAddr, Socket};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use super::register_for;
use crate::stream::SpliceEnd;

/// A socket that is registered with the runtime of its thread for both directions.
///
/// A transport builds its stream around it: it implements `AsyncRead` and `AsyncWrite`, vectored writes included, and
/// [`SpliceEnd`]. On a socket with message boundaries (`SOCK_SEQPACKET`), each read takes one message and discards
/// what does not fit into the buffer, and each write sends one.
#[derive(Debug)]
pub struct Registered(AsyncFd<Socket>);

/// Registers a connected socket, which must be non-blocking, with the runtime of this thread.
///
/// # Errors
/// Returns an error if there is no runtime (tokio itself would panic), or if the runtime cannot register more.
pub fn register(socket: impl Into<Socket>) -> io::Result<Registered> {
    register_for(socket.into(), Interest::READABLE | Interest::WRITABLE).map(Registered)
}

/// Connects a non-blocking socket (`connect(2)`), waits until it is connected, and registers it with the runtime of
/// this thread. Dropping the future closes the socket.
///
/// # Errors
/// Returns the system's error, either from the call or from `SO_ERROR` later, or an error if there is no runtime.
/// `WouldBlock` means a UNIX socket whose listener has a full queue: the system does not report when there is room.
pub async fn connect(socket: impl Into<Socket>, address: &SockAddr) -> io::Result<Registered> {
    tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
    let socket = socket.into();
    let is_begun = |error: &io::Error| matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR));
    match socket.connect(address) {
        Ok(()) => return register(socket),
        Err(error) if is_begun(&error) => {}
        Err(error) => return Err(error),
    }
    // Registered after the call: a socket that is not yet connecting is reported as ready, which means nothing.
    let registered = register(socket)?;
    loop {
        let mut guard = registered.0.writable().await?;
        if let Some(error) = registered.socket().take_error()? {
            return Err(error);
        }
        if registered.socket().peer_addr().is_ok() {
            drop(guard);
            return Ok(registered);
        }
        guard.clear_ready();
    }
}

impl Registered {
    /// Returns the socket, for its options and addresses.
    pub fn socket(&self) -> &Socket {
        self.0.get_ref()
    }

    /// Deregisters the socket from the runtime and returns it.
    pub fn into_socket(self) -> Socket {
        self.0.into_inner()
    }

    /// Reads as soon as there are bytes; 0 is end of file.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut [MaybeUninit<u8>]) -> Poll<io::Result<usize>> {
        self.poll_reading(cx, |socket| socket.recv(buf))
    }

    /// Reads into several buffers with one call (`readv(2)`).
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn poll_read_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_reading(cx, |mut socket| socket.read_vectored(bufs))
    }

    /// Writes as soon as there is room, from several buffers with one call and without raising `SIGPIPE`.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn poll_send_vectored(&self, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_write_ready(cx))?;
            let send = |socket: &AsyncFd<Socket>| {
                socket.get_ref().send_vectored_with_flags(bufs, libc::MSG_NOSIGNAL)
            };
            if let Ok(result) = guard.try_io(send) {
                return Poll::Ready(result);
            }
        }
    }

    fn poll_reading(
        &self,
        cx: &mut Context<'_>,
        mut call: impl FnMut(&Socket) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_read_ready(cx))?;
            if let Ok(result) = guard.try_io(|socket| call(socket.get_ref())) {
                return Poll::Ready(result);
            }
        }
    }

    /// Closes a direction. It is no error if it is already closed, or if the peer has closed the connection.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn close_direction(&self, how: Shutdown) -> io::Result<()> {
        match self.socket().shutdown(how) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

impl AsyncRead for Registered {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // SAFETY: nothing becomes uninitialised: `recv` only writes bytes.
        let unfilled = unsafe { buf.unfilled_mut() };
        if unfilled.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let length = ready!(self.poll_recv(cx, unfilled))?;
        // SAFETY: the system has written that many bytes, which is no more than there was room for.
        unsafe { buf.assume_init(length) };
        buf.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Registered {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_send_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_send_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.close_direction(Shutdown::Write))
    }
}

impl SpliceEnd for Registered {
    fn fd(&self) -> BorrowedFd<'_> {
        self.socket().as_fd()
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_read_ready(cx).map_ok(drop)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_write_ready(cx).map_ok(drop)
    }

    fn try_read_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize> {
        self.0.try_io(Interest::READABLE, |_| call())
    }

    fn try_write_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize> {
        self.0.try_io(Interest::WRITABLE, |_| call())
    }
}
