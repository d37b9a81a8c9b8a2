//! Listening, first stage: a socket that is bound, and why there is none.

use std::fmt;
use std::io;

use crate::address::Address;
use crate::error::{Refusal, Step, Warning};
use crate::listener::Listener;

/// What [`Protocol::bind`](crate::Protocol::bind) gives.
#[derive(Debug)]
pub struct Bound {
    /// The socket.
    pub socket: Box<dyn BoundSocket>,
    /// The address really bound: port 0 has become a port.
    pub address: Address,
    /// What the kernel refused.
    pub warnings: Vec<Warning>,
}

/// A socket that holds its address and does not listen yet (or was inherited listening).
///
/// It belongs to no reactor: it can be made on one thread, duplicated for others, and handed to another process.
/// Dropping it gives the address back if nobody else holds the socket.
pub trait BoundSocket: fmt::Debug + Send {
    /// The address really bound.
    fn local_addr(&self) -> &Address;

    /// A second handle to the same socket. Its listeners share one accept queue with this one's.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError>;

    /// Makes the address lead to this socket where binding alone does not: a UNIX path that an earlier process still
    /// serves is replaced now. To be called once all binds have succeeded and while the privileges are still there;
    /// [`listen`](Self::listen) does it otherwise. Twice is as good as once.
    ///
    /// # Errors
    /// When the system refuses; the address then leads where it led before.
    fn publish(&self) -> Result<(), BindError> {
        Ok(())
    }

    /// Says that another process holds the socket too and goes on with it: dropping the last handle here takes
    /// nothing away that the address needs, such as the file of a UNIX socket, and neither [`suspend`](Self::suspend)
    /// nor [`Listener::refuse_new`] touches it any more.
    fn hand_over(&self) {}

    /// Starts listening, unless the socket listens already, and registers with the runtime of the calling thread.
    ///
    /// # Errors
    /// When the kernel refuses, or there is no runtime on this thread.
    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError>;

    /// Stops taking connections while the address stays bound; connections still in the queue are reset.
    /// [`listen`](Self::listen) of this or another handle starts again.
    ///
    /// Never call it on a socket that another process shares: it would stop there too.
    ///
    /// # Errors
    /// When the kernel refuses.
    fn suspend(&self) -> Result<(), BindError>;

    /// The descriptor to hand to another process; `None` for a transport without one.
    fn as_fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// A listening socket could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The system refused a step.
    #[error("cannot {step} for {address}: {source}")]
    System {
        /// The step.
        step: Step,
        /// The address.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// The protocol refused.
    #[error("cannot bind {address}: {source}")]
    Refused {
        /// The address.
        address: Address,
        /// Why.
        source: Refusal,
    },
}

impl BindError {
    /// The system refused a step.
    pub fn system(step: Step, address: &Address, source: io::Error) -> BindError {
        BindError::System { step, address: address.clone(), source }
    }

    /// The protocol refused.
    pub fn refused(address: &Address, source: Refusal) -> BindError {
        BindError::Refused { address: address.clone(), source }
    }

    /// The refusal, if it was one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            BindError::Refused { source, .. } => Some(source),
            BindError::System { .. } => None,
        }
    }
}
