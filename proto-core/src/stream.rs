//! A connection, on its worker and on its way from one worker to another.

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
/// * `poll_shutdown` closes the direction to the peer, which then reads end of file. Where the transport supports
///   half-close, the other direction stays open and reading continues.
/// * Dropping closes both directions in order: everything written is still delivered; on a stream that holds bytes
///   back (see [`Filter`](crate::layer::Filter)), everything flushed. [`abort`](Self::abort) does not deliver it.
/// * It is `Send` so that a structure that must be `Send` can hold it, but it works only on the worker where it was
///   registered; [`detach`](Self::detach) moves it to another.
pub trait Stream: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin {
    /// Returns the address of the peer, unmapped.
    fn peer_addr(&self) -> Address;

    /// Returns the address of this end, unmapped.
    fn local_addr(&self) -> Address;

    /// Returns a snapshot of the connection. It may make a few system calls, so do not call it for every read.
    fn info(&self) -> ConnectionInfo;

    /// Returns what carries the connection: the part of [`info`](Self::info) that listings show for every connection,
    /// either current or as of when the connection was made. A transport that carries many connections should answer
    /// without a system call.
    fn carriers(&self) -> Carriers {
        self.info().into()
    }

    /// Closes the connection with a reset; data not yet delivered is lost.
    fn abort(self: Box<Self>);

    /// Sets an option on the connection. An option that this kind of socket does not have gives
    /// `Ok(Support::Unsupported(_))`, which is no reason to close the connection.
    ///
    /// # Errors
    /// Returns an error if the system refuses for another reason, such as a value out of range.
    fn set_option(&self, option: &SocketOption) -> io::Result<Support>;

    /// Returns the client's original destination if a packet filter redirected the connection here; `None` if it did
    /// not, or if the transport cannot know.
    fn original_dst(&self) -> Option<Address> {
        None
    }

    /// Returns whether the peer has closed its direction or the connection is broken, even while bytes before that are
    /// not read yet; `false` where the transport cannot know. It may make a system call.
    fn has_ended(&self) -> bool {
        false
    }

    /// Deregisters the connection from this worker. Bytes that were put back in front of it (see
    /// [`Prefixed`](crate::layer::Prefixed)) move with it.
    ///
    /// # Errors
    /// Returns an error if the runtime does not release the socket; the connection is then closed.
    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>>;

    /// Returns the socket to splice from: `Some` only while nothing is buffered above it in this direction and the
    /// transport reports that splicing is cheaper than copying. Ask again before each use.
    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        None
    }

    /// Returns the socket to splice to, on the same conditions.
    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        None
    }

    /// Returns the means of passing open descriptors to the process at the other end, for a transport that has it.
    fn descriptor_sender(&self) -> Option<&dyn DescriptorSender> {
        None
    }

    /// Returns the events of the connection's paths, for a transport that reports them.
    fn path_events(&self) -> Option<&dyn PathEvents> {
        None
    }
}

/// Passes open descriptors to the process at the other end of a stream (`SCM_RIGHTS`, `unix(7)`).
pub trait DescriptorSender {
    /// Sends bytes, at least one, and with the first of them duplicates of descriptors, at most
    /// [`MOST_DESCRIPTORS`]. Returns how many of the bytes were sent; the descriptors were sent then.
    ///
    /// # Errors
    /// Returns the system's error.
    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        descriptors: &[BorrowedFd<'_>],
    ) -> Poll<io::Result<usize>>;
}

/// The most descriptors of one message (`SCM_MAX_FD` of the kernel).
pub const MOST_DESCRIPTORS: usize = 253;

/// A connection that belongs to no reactor: just accepted, or detached from its worker.
///
/// Dropping it closes the connection.
pub trait Incoming: fmt::Debug + Send {
    /// Returns the address of the peer, unmapped.
    fn peer_addr(&self) -> &Address;

    /// Registers it with the runtime of the calling thread. Never waits.
    ///
    /// # Errors
    /// Returns an error if this thread has no runtime or the runtime cannot register more; the connection is then
    /// closed.
    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>>;
}

/// Whether a socket has an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// The option was set.
    Supported,
    /// The option was set, but works only in part, for this reason.
    Partly(&'static str),
    /// The option does not exist; nothing was changed.
    Unsupported(Lack),
}

/// The reason why a socket does not have an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// This kernel does not have it for this kind of socket; another kernel may.
    Kernel,
    /// The option has no meaning for the protocol, for this reason, as a clause: `a UNIX socket has no segments`.
    Protocol(&'static str),
}

/// The socket below a stream, for moving bytes without copying them to user space.
pub trait SpliceEnd {
    /// Returns the descriptor, which the stream continues to own.
    fn fd(&self) -> BorrowedFd<'_>;

    /// Becomes ready once the socket may have bytes, or is closed.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Becomes ready once the socket may accept bytes, or is closed.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Runs a call that reads from the descriptor. On `WouldBlock` it clears the readiness, so that the next
    /// `poll_readable` waits.
    fn try_read_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize>;

    /// Runs a call that writes to the descriptor, with the same handling of `WouldBlock`.
    fn try_write_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize>;
}

/// Events of the paths of a connection.
pub trait PathEvents {
    /// Returns the next event.
    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<PathEvent>;
}
