//! Listening, second stage: a listener, and why it gave no connection.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use crate::address::Address;
use crate::stream::Incoming;

/// A listening socket on one worker.
///
/// `Send` so that it can be held in a structure that is, but it serves the runtime it was made on.
pub trait Listener: fmt::Debug + Send {
    /// The address it listens on.
    fn local_addr(&self) -> &Address;

    /// Takes the next connection, or arranges for a wake-up.
    ///
    /// Never waits for the peer's payload. One task polls one listener: only the last waker is kept. Being polled no
    /// further loses nothing, because a connection is either in the kernel's queue or has been returned; so a future
    /// made of this ([`accept`]) is cancel-safe. To take a batch, poll until `Pending`.
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>>;

    /// Refuses new connections; those that the kernel has accepted can still be taken. What is left to do before
    /// dropping a listener that nobody takes over.
    ///
    /// Returns whether the transport could; if not, dropping resets whoever arrives meanwhile. It does so on the
    /// socket, for every process that shares it, and so never on one that was inherited or handed over.
    fn refuse_new(&self) -> bool {
        false
    }
}

/// [`Listener::poll_accept`] as a future; cancel-safe.
///
/// # Errors
/// As `poll_accept`.
pub async fn accept(listener: &dyn Listener) -> Result<Box<dyn Incoming>, AcceptError> {
    std::future::poll_fn(|cx| listener.poll_accept(cx)).await
}

/// No connection could be taken.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// This connection was lost before it could be taken (`ECONNABORTED` and the network errors that Linux passes
    /// through `accept`); the next one may be fine: poll again at once.
    #[error("an incoming connection was lost: {0}")]
    Connection(#[source] io::Error),
    /// The process or the system has run out of something: descriptors (`EMFILE`, `ENFILE`) or memory (`ENOBUFS`,
    /// `ENOMEM`). The connection stays in the queue, where there is one; wait before the next try.
    #[error("out of resources for incoming connections: {0}")]
    Exhausted(#[source] io::Error),
    /// The listener is of no more use.
    #[error("the listening socket is broken: {0}")]
    Broken(#[source] io::Error),
}

impl From<io::Error> for AcceptError {
    /// Sorts by what the caller has to do, as `accept(2)` advises for Linux.
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM) => AcceptError::Exhausted(error),
            Some(libc::EBADF | libc::EINVAL | libc::ENOTSOCK | libc::EFAULT) => AcceptError::Broken(error),
            _ => AcceptError::Connection(error),
        }
    }
}
