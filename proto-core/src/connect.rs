//! Connecting: what connects to one server, and why it could not.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::address::Address;
use crate::error::{Refusal, Step, Warning};
use crate::spec::Target;
use crate::stream::Stream;

/// What [`Protocol::connector`](crate::Protocol::connector) gives.
#[derive(Debug)]
pub struct Connectable {
    /// What connects.
    pub connector: Arc<dyn Connector>,
    /// What the kernel refused.
    pub warnings: Vec<Warning>,
}

/// Connects to one server.
#[async_trait]
pub trait Connector: fmt::Debug + Send + Sync {
    /// Connects, on the runtime of the calling thread.
    ///
    /// The peer of the stream is the address of the [`Target`] that was connected to. A transport that tries several
    /// returns the first connection that is complete and closes the others; if none comes about, the error is that of
    /// the preferred address or of the last that was tried.
    ///
    /// Dropping the future gives the attempt up and closes the socket. Waits as long as the kernel does (over two
    /// minutes for TCP to an address that does not answer): the caller brings the deadline, see
    /// [`connect_within`].
    ///
    /// # Errors
    /// [`ConnectError`] says which step failed and of what kind the failure is.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError>;

    /// Whether it may connect to one of [`Target::alternatives`]. A target has none for a connector that does not.
    fn tries_alternatives(&self) -> bool {
        false
    }
}

/// [`Connector::connect`] with a deadline, which is an error like the others.
///
/// # Errors
/// As `connect`, and a time-out.
pub async fn connect_within(
    connector: &dyn Connector,
    target: &Target,
    limit: Duration,
) -> Result<Box<dyn Stream>, ConnectError> {
    match tokio::time::timeout(limit, connector.connect(target)).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::timed_out(&target.address, limit)),
    }
}

/// Of what kind a failed connect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectFailure {
    /// Somebody answered that nobody listens, or reset the attempt.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// There is no way to the address.
    Unreachable,
    /// No local port or address was free.
    NoLocalAddress,
    /// The process or the system has run out of descriptors or memory.
    Exhausted,
    /// The system does not permit it: a packet filter, the mode of a socket file.
    Denied,
    /// The protocol cannot connect, or not to this.
    Unsupported,
    /// Anything else.
    Other,
}

/// A connection could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The system refused a step.
    #[error("cannot {step} to {address}: {source}")]
    System {
        /// The step.
        step: Step,
        /// The address.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// The caller's deadline passed.
    #[error("cannot connect to {address}: no answer within {limit:?}")]
    TimedOut {
        /// The address.
        address: Address,
        /// The time given.
        limit: Duration,
    },
    /// The protocol refused.
    #[error("cannot connect: {0}")]
    Refused(#[source] Refusal),
}

impl ConnectError {
    /// The system refused a step.
    pub fn system(step: Step, address: &Address, source: io::Error) -> ConnectError {
        ConnectError::System { step, address: address.clone(), source }
    }

    /// The caller's deadline passed.
    pub fn timed_out(address: &Address, limit: Duration) -> ConnectError {
        ConnectError::TimedOut { address: address.clone(), limit }
    }

    /// The protocol refused.
    pub fn refused(source: Refusal) -> ConnectError {
        ConnectError::Refused(source)
    }

    /// Of what kind it is: what a retry, a log letter or a counter needs to know.
    pub fn failure(&self) -> ConnectFailure {
        let source = match self {
            ConnectError::TimedOut { .. } => return ConnectFailure::TimedOut,
            ConnectError::Refused(_) => return ConnectFailure::Unsupported,
            ConnectError::System { source, .. } => source,
        };
        match source.raw_os_error() {
            // ENOENT: a UNIX path that nobody made.
            Some(libc::ECONNREFUSED | libc::ECONNRESET | libc::ENOENT) => ConnectFailure::Refused,
            Some(libc::ETIMEDOUT) => ConnectFailure::TimedOut,
            Some(libc::ENETUNREACH | libc::EHOSTUNREACH | libc::ENETDOWN | libc::EHOSTDOWN) => {
                ConnectFailure::Unreachable
            }
            Some(libc::EADDRNOTAVAIL | libc::EADDRINUSE) => ConnectFailure::NoLocalAddress,
            Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM | libc::ETOOMANYREFS) => {
                ConnectFailure::Exhausted
            }
            Some(libc::EACCES | libc::EPERM) => ConnectFailure::Denied,
            _ => match source.kind() {
                io::ErrorKind::ConnectionRefused => ConnectFailure::Refused,
                io::ErrorKind::TimedOut => ConnectFailure::TimedOut,
                _ => ConnectFailure::Other,
            },
        }
    }
}
