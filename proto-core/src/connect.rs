//! Connecting to a server, and the reasons why it fails.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::address::Address;
use crate::error::{Refusal, Step, Warning};
use crate::spec::Target;
use crate::stream::Stream;

/// The result of [`Protocol::connector`](crate::Protocol::connector).
#[derive(Debug)]
pub struct Connectable {
    /// The connector of one server.
    pub connector: Arc<dyn Connector>,
    /// Options that the kernel refused.
    pub warnings: Vec<Warning>,
}

/// A transport's connector for one server.
#[async_trait]
pub trait Connector: fmt::Debug + Send + Sync {
    /// Connects, on the runtime of the calling thread.
    ///
    /// The peer of the stream is the address of the [`Target`] that was connected to. A transport that tries several
    /// addresses returns the first connection that is complete and closes the others; if all fail, the error is that
    /// of the preferred address or of the last one tried.
    ///
    /// Dropping the future cancels the attempt and closes the socket. It waits as long as the kernel does (over two
    /// minutes for TCP to an address that does not answer): the caller provides the deadline, see [`connect_within`].
    ///
    /// # Errors
    /// Returns a [`ConnectError`] with the step that failed and the kind of the failure.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError>;

    /// Returns whether it may connect to one of [`Target::alternatives`]. Without this a target has no alternatives.
    fn tries_alternatives(&self) -> bool {
        false
    }
}

/// Calls [`Connector::connect`] with a deadline, whose expiry is an error like the others.
///
/// # Errors
/// Returns the errors of `connect`, and [`ConnectError::TimedOut`] once `limit` has passed.
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

/// The kind of a failed connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectFailure {
    /// The host or a router answered that nothing listens there, or the attempt was reset.
    Refused,
    /// There was no answer in time.
    TimedOut,
    /// There is no route to the address.
    Unreachable,
    /// No local port or address was free.
    NoLocalAddress,
    /// The process or the system has run out of descriptors or memory.
    Exhausted,
    /// The system does not permit it: a packet filter, the mode of a socket file.
    Denied,
    /// The protocol cannot connect, or not to this address.
    Unsupported,
    /// Anything else.
    Other,
}

/// The reason why a connection could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A step that the system refused.
    #[error("cannot {step} to {address}: {source}")]
    System {
        /// The step that failed.
        step: Step,
        /// The server's address.
        address: Address,
        /// The system's error.
        source: io::Error,
    },
    /// A connect that was still running at the caller's deadline.
    #[error("cannot connect to {address}: no answer within {limit:?}")]
    TimedOut {
        /// The server's address.
        address: Address,
        /// The time that the caller allowed.
        limit: Duration,
    },
    /// A connect that the protocol refused.
    #[error("cannot connect: {0}")]
    Refused(#[source] Refusal),
}

impl ConnectError {
    /// Returns the error for a step that the system refused.
    pub fn system(step: Step, address: &Address, source: io::Error) -> ConnectError {
        ConnectError::System { step, address: address.clone(), source }
    }

    /// Returns the error for a connect that was still running at the caller's deadline.
    pub fn timed_out(address: &Address, limit: Duration) -> ConnectError {
        ConnectError::TimedOut { address: address.clone(), limit }
    }

    /// Returns the error for a connect that the protocol refused.
    pub fn refused(source: Refusal) -> ConnectError {
        ConnectError::Refused(source)
    }

    /// Returns the kind of the failure, for retries, log letters and counters.
    pub fn failure(&self) -> ConnectFailure {
        let source = match self {
            ConnectError::TimedOut { .. } => return ConnectFailure::TimedOut,
            ConnectError::Refused(_) => return ConnectFailure::Unsupported,
            ConnectError::System { source, .. } => source,
        };
        match source.raw_os_error() {
            // ENOENT: a UNIX path that does not exist.
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
                io::ErrorKind::AddrNotAvailable => ConnectFailure::NoLocalAddress,
                _ => ConnectFailure::Other,
            },
        }
    }
}
