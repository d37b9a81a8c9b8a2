//! A connection, on the worker it belongs to and on its way from one worker to another.

use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::address::Address;
use crate::carriers::Carriers;
use crate::info::{ConnectionInfo, PathEvent};
use crate::options::SocketOption;

/// A byte stream in both directions.
///
/// * Bytes move with `poll_read`, `poll_write` and `poll_write_vectored`. A wrapper forwards vectored writes.
/// * `poll_shutdown` closes the direction to the peer and leaves the other one open, where the transport can
///   (half-close); the peer reads end of file. Reading goes on.
/// * Dropping closes both directions in order: what was written is still delivered, of a stream that holds bytes back
///   (see [`Filter`](crate::layer::Filter)) what was flushed. [`abort`](Self::abort) does not.
/// * `Send`, so that structures that hold one are, but it is used only on the worker it was registered on;
///   [`detach`](Self::detach) takes it elsewhere.
pub trait Stream: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin {
    /// The peer, unmapped.
    fn peer_addr(&self) -> Address;

    /// This end, unmapped.
    fn local_addr(&self) -> Address;

    /// The connection as it is now. May make a few system calls; not for every byte.
    fn info(&self) -> ConnectionInfo;

    /// What carries it: the part of [`info`](Self::info) that listings show of every connection, as it is or as it was when
    /// the connection was made. A transport that is used for many connections answers without asking the system.
    fn carriers(&self) -> Carriers {
        self.info().into()
    }

    /// Ends the connection so that the peer sees a reset; what is not delivered is lost.
    fn abort(self: Box<Self>);

    /// Sets an option on the connection. An option that this kind of socket does not have is
    /// `Ok(Support::Unsupported(_))`, and not a reason to end a connection.
    ///
    /// # Errors
    /// When the system refuses for another reason, such as a value out of range.
    fn set_option(&self, option: &SocketOption) -> io::Result<Support>;

    /// Where the client wanted to go before a packet filter redirected it here; `None` if it was not, or the
    /// transport cannot tell.
    fn original_dst(&self) -> Option<Address> {
        None
    }

    /// Takes the connection off this worker. Bytes that were put back before it (see
    /// [`Prefixed`](crate::layer::Prefixed)) go along.
    ///
    /// # Errors
    /// When the runtime does not let go of it; the connection is closed then.
    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>>;

    /// The socket to splice from: `Some` only while nothing is buffered above it in this direction and the transport
    /// says that splicing pays. Ask again at each switch.
    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        None
    }

    /// The socket to splice to, likewise.
    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        None
    }

    /// What happens to the paths, for a transport that tells.
    fn path_events(&self) -> Option<&dyn PathEvents> {
        None
    }
}

/// A connection that belongs to no reactor: just accepted, or detached from the worker that had it.
///
/// Dropping it closes the connection.
pub trait Incoming: fmt::Debug + Send {
    /// Who it is, unmapped.
    fn peer_addr(&self) -> &Address;

    /// Registers it with the runtime of the calling thread. Never waits.
    ///
    /// # Errors
    /// When there is no runtime on this thread or it takes no more; the connection is closed then.
    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>>;
}

/// Whether a socket has an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It was set.
    Supported,
    /// It was set, and does not do all that it says; the reason.
    Partly(&'static str),
    /// It is not there; nothing was changed.
    Unsupported(Lack),
}

/// Why a socket does not have an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// This kernel does not have it for this kind of socket; another one may.
    Kernel,
    /// The protocol has nothing that the option could mean. Why, as a clause: `a UNIX socket has no segments`.
    Protocol(&'static str),
}

/// The socket below a stream, for moving bytes without reading them.
pub trait SpliceEnd {
    /// The descriptor. It stays the stream's.
    fn fd(&self) -> BorrowedFd<'_>;

    /// Ready once the socket may have bytes, or is closed.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ready once the socket may take bytes, or is closed.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Runs a call that reads from the descriptor; on `WouldBlock` the readiness is cleared, so that the next
    /// `poll_readable` waits.
    fn try_read_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize>;

    /// Likewise for a call that writes.
    fn try_write_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize>;
}

/// Tells what happens to the paths of a connection.
pub trait PathEvents {
    /// The next event.
    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<PathEvent>;
}
