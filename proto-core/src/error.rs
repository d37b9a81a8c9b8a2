//! Errors of a transport's operations: each names the operation, the address and the cause.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::address::Address;
use crate::protocol::{Descriptor, Kind};

/// Something asked for that was not done; the work goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The protocol.
    pub protocol: &'static str,
    /// The bind or server address.
    pub address: String,
    /// What was not done, and why.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.address, self.protocol, self.message)
    }
}

/// A protocol cannot do what it was asked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It carries something else.
    #[error("{protocol} is a {found} protocol, not a {asked} one")]
    WrongKind {
        /// The protocol.
        protocol: &'static str,
        /// What it carries.
        found: Kind,
        /// What it was asked for.
        asked: Kind,
    },
    /// It only holds a place.
    #[error("{protocol} is known, not built into this binary")]
    NotBuiltIn {
        /// The protocol.
        protocol: &'static str,
    },
    /// An address of a family it does not serve.
    #[error("{protocol} does not serve addresses of the family {family}")]
    WrongFamily {
        /// The protocol.
        protocol: &'static str,
        /// The family.
        family: crate::family::Family,
    },
    /// A setting of the line cannot be kept.
    #[error("{0}")]
    Policy(String),
}

impl Refusal {
    /// A protocol asked for a kind that it is not.
    pub fn wrong_kind(descriptor: &Descriptor, asked: Kind) -> Refusal {
        Refusal::WrongKind { protocol: descriptor.name, found: descriptor.kind, asked }
    }
}

/// A step in the life of a listening or connecting socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `socket`
    Create,
    /// Taking over a socket that somebody else made.
    Inherit,
    /// `bind`
    Bind,
    /// `listen`
    Listen,
    /// Stopping to listen.
    Suspend,
    /// `dup`
    Duplicate,
    /// `connect`
    Connect,
    /// Registering with the runtime.
    Register,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Create => "create a socket",
            Step::Inherit => "take over the inherited socket",
            Step::Bind => "bind",
            Step::Listen => "listen",
            Step::Suspend => "suspend",
            Step::Duplicate => "duplicate the socket",
            Step::Connect => "connect",
            Step::Register => "register the socket with the runtime",
        })
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
