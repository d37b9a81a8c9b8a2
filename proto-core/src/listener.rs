//! The second stage of listening: a listener, and the reasons why it returns no connection.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use crate::address::Address;
use crate::stream::Incoming;

/// A listening socket on one worker.
///
/// It is `Send` so that a structure that must be `Send` can hold it, but it works only on the runtime it was made on.
pub trait Listener: fmt::Debug + Send {
    /// Returns the address it listens on.
    fn local_addr(&self) -> &Address;

    /// Returns the next connection, or arranges for a wake-up.
    ///
    /// Never waits for the peer's payload. One task polls one listener: only the last waker is kept. Ceasing to poll
    /// loses nothing, because a connection is either in the kernel's queue or has been returned; so a future that
    /// polls this ([`accept`]) is cancel-safe. To accept a batch, poll until `Pending`.
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>>;

    /// Refuses new connections; those that the kernel has already accepted can still be taken. Call it before dropping
    /// a listener that no other process takes over.
    ///
    /// Returns whether the transport was able to; if not, dropping the listener resets connections that arrive in
    /// between. It acts on the socket, for every process that shares it, and therefore never on one that was inherited
    /// or handed over.
    fn refuse_new(&self) -> bool {
        false
    }

    /// Returns whether connections may still arrive after [`Listener::refuse_new`], because their handshakes had begun
    /// before. Ask first and accept afterwards: what has arrived is no longer in a handshake. `true` where that is
    /// unknown.
    fn expects_more(&self) -> bool {
        true
    }
}

/// Calls [`Listener::poll_accept`] as a future, which is cancel-safe.
///
/// # Errors
/// Returns the errors of `poll_accept`.
pub async fn accept(listener: &dyn Listener) -> Result<Box<dyn Incoming>, AcceptError> {
    std::future::poll_fn(|cx| listener.poll_accept(cx)).await
}

/// The reason why no connection could be accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// A connection that was lost before it could be accepted (`ECONNABORTED` and the network errors that Linux passes
    /// through `accept`). The next one may be fine: poll again at once.
    #[error("an incoming connection was lost: {0}")]
    Connection(#[source] io::Error),
    /// The process or the system has run out of descriptors (`EMFILE`, `ENFILE`) or memory (`ENOBUFS`, `ENOMEM`). The
    /// connection stays in the queue if there is one; wait before the next attempt.
    #[error("out of resources for incoming connections: {0}")]
    Exhausted(#[source] io::Error),
    /// The listener can no longer be used.
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
