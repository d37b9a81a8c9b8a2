//! The first stage of listening: a bound socket, and the error if there is none.

use std::fmt;
use std::io;

use crate::address::Address;
use crate::error::{Refusal, Step, Warning};
use crate::listener::Listener;

/// The result of [`Protocol::bind`](crate::Protocol::bind).
#[derive(Debug)]
pub struct Bound {
    /// The socket.
    pub socket: Box<dyn BoundSocket>,
    /// The address actually bound: port 0 has become a port.
    pub address: Address,
    /// Options that the kernel refused.
    pub warnings: Vec<Warning>,
}

/// A socket that holds its address and does not listen yet (or was inherited listening).
///
/// It belongs to no reactor: it can be created on one thread, duplicated for others, and passed to another process.
/// Dropping the last handle to the socket, in any process, releases the address.
pub trait BoundSocket: fmt::Debug + Send {
    /// Returns the address actually bound.
    fn local_addr(&self) -> &Address;

    /// Returns a second handle to the same socket. Listeners made from either share one accept queue.
    ///
    /// # Errors
    /// Returns an error if the process has no file descriptor left.
    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError>;

    /// Makes the address refer to this socket where binding alone does not: a UNIX path that an earlier process still
    /// serves is replaced now. Call it once all binds have succeeded and while the process still has its privileges;
    /// otherwise [`listen`](Self::listen) does it. Calling it twice has no further effect.
    ///
    /// # Errors
    /// Returns an error if the system refuses; the address then refers to the same socket as before.
    fn publish(&self) -> Result<(), BindError> {
        Ok(())
    }

    /// Marks the socket as held and used by another process too: dropping the last handle here then removes nothing
    /// that the address needs, such as the file of a UNIX socket, and neither [`suspend`](Self::suspend) nor
    /// [`Listener::refuse_new`] affects it any more.
    fn hand_over(&self) {}

    /// Starts listening, unless the socket listens already, and registers with the runtime of the calling thread.
    ///
    /// # Errors
    /// Returns an error if the kernel refuses, or if this thread has no runtime.
    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError>;

    /// Stops accepting connections while the address stays bound; connections still in the queue are reset.
    /// [`listen`](Self::listen) on this or another handle starts again.
    ///
    /// Must not be called on a socket that another process shares: it would stop listening there too.
    ///
    /// # Errors
    /// Returns an error if the kernel refuses.
    fn suspend(&self) -> Result<(), BindError>;

    /// Returns the name of the network namespace in which it is bound, if that is not the one of the process.
    fn namespace(&self) -> Option<&str> {
        None
    }

    /// Returns the name of the interface to which it is restricted, if it is.
    fn interface(&self) -> Option<&str> {
        None
    }

    /// Returns the descriptor to pass to another process, or `None` for a transport without one.
    fn as_fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// The reason why a listening socket could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// A step that the system refused.
    #[error("cannot {step} for {address}: {source}")]
    System {
        /// The step that failed.
        step: Step,
        /// The address to bind.
        address: Address,
        /// The system's error.
        source: io::Error,
    },
    /// A bind that the protocol refused.
    #[error("cannot bind {address}: {source}")]
    Refused {
        /// The address to bind.
        address: Address,
        /// The protocol's reason.
        source: Refusal,
    },
}

impl BindError {
    /// Returns whether another socket has the address.
    pub fn is_in_use(&self) -> bool {
        matches!(self, BindError::System { source, .. } if source.kind() == io::ErrorKind::AddrInUse)
    }

    /// Returns the error for a step that the system refused.
    pub fn system(step: Step, address: &Address, source: io::Error) -> BindError {
        BindError::System { step, address: address.clone(), source }
    }

    /// Returns the error for a bind that the protocol refused.
    pub fn refused(address: &Address, source: Refusal) -> BindError {
        BindError::Refused { address: address.clone(), source }
    }

    /// Returns the protocol's reason, or `None` if the system refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            BindError::Refused { source, .. } => Some(source),
            BindError::System { .. } => None,
        }
    }
}
