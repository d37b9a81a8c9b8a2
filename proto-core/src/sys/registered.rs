//! A connected socket of whatever family and type in the reactor of this thread: its bytes, in both directions.
//!
//! tokio has such a type for each kind of socket that it knows. This one serves those that it does not know.

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
/// It is what the transport's stream is made around: `AsyncRead` and `AsyncWrite`, vectored writes included, and
/// [`SpliceEnd`] for one that splices. Of a socket with messages (`SOCK_SEQPACKET`) each read takes one and loses what
/// does not fit into the buffer, and each write makes one.
#[derive(Debug)]
pub struct Registered(AsyncFd<Socket>);

/// Registers a connected socket, which has to be non-blocking, with the runtime of this thread.
///
/// # Errors
/// Where there is no runtime (tokio itself would panic), or it takes no more.
pub fn register(socket: impl Into<Socket>) -> io::Result<Registered> {
    register_for(socket.into(), Interest::READABLE | Interest::WRITABLE).map(Registered)
}

/// Connects a socket (`connect(2)`) that is non-blocking, waits until it is, and registers it with the runtime of this
/// thread. Dropping the future closes the socket.
///
/// # Errors
/// The system's, of the call or as the socket tells it later (`SO_ERROR`); where there is no runtime. `WouldBlock` is of
/// a UNIX socket whose listener has a full queue: the system never tells when there is room.
pub async fn connect(socket: impl Into<Socket>, address: &SockAddr) -> io::Result<Registered> {
    tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
    let socket = socket.into();
    let is_begun = |error: &io::Error| matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR));
    match socket.connect(address) {
        Ok(()) => return register(socket),
        Err(error) if is_begun(&error) => {}
        Err(error) => return Err(error),
    }
    // Registered after the call: a socket that is not connecting is ready, and says nothing by it.
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
    /// The socket, for its options and addresses.
    pub fn socket(&self) -> &Socket {
        self.0.get_ref()
    }

    /// Takes it off the runtime.
    pub fn into_socket(self) -> Socket {
        self.0.into_inner()
    }

    /// Reads once there is something; 0 is the end.
    ///
    /// # Errors
    /// The system's.
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut [MaybeUninit<u8>]) -> Poll<io::Result<usize>> {
        self.poll_reading(cx, |socket| socket.recv(buf))
    }

    /// Likewise, into several buffers in one call (`readv(2)`).
    ///
    /// # Errors
    /// The system's.
    pub fn poll_read_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_reading(cx, |mut socket| socket.read_vectored(bufs))
    }

    /// Writes once there is room, from several buffers in one call, and never raises `SIGPIPE`.
    ///
    /// # Errors
    /// The system's.
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

    /// Closes a direction. One that is closed already, or whose peer has gone, is no error.
    ///
    /// # Errors
    /// The system's.
    pub fn close_direction(&self, how: Shutdown) -> io::Result<()> {
        match self.socket().shutdown(how) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

impl AsyncRead for Registered {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // SAFETY: nothing is uninitialised by it: `recv` only writes bytes.
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
