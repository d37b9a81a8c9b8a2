//! The reason why a connection failed, and the heading under which it is counted.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::http::HeadError;
use crate::pattern::Mismatch;
use crate::wire::{Verdict, WireError};

/// The operation that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Connect(SocketAddr),
    Send,
    Receive,
    Finish,
}

/// The headings of the report. Each failed connection is counted under exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    Refused,
    Reset,
    Timeout,
    /// A byte was wrong, or the origin reported one.
    Mismatch,
    /// The stream ended early.
    Short,
    /// More bytes than expected, all expected bytes being right.
    Excess,
    /// An HTTP response other than 200.
    Status,
    /// Not HTTP, or HTTP that contradicts itself.
    Protocol,
    Other,
}

/// The reason why one connection failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{step}")]
    Io { step: Step, source: io::Error },
    #[error("{step}: the timeout expired")]
    Timeout { step: Step },
    #[error("the stream ended after {got} of {expected} bytes")]
    Short { got: u64, expected: u64 },
    #[error("{got} bytes came where {expected} were due")]
    Excess { got: u64, expected: u64 },
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    #[error("the origin received byte {offset} wrong ({bytes} bytes in all)", bytes = verdict.bytes)]
    Refuted { offset: u64, verdict: Verdict },
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the response has status {0}")]
    Status(u16),
    #[error("the connection ended without a response")]
    Unanswered,
    #[error("the response is not valid HTTP/1.1")]
    Http(#[from] HeadError),
}

impl Failure {
    pub(crate) fn io(step: Step, source: io::Error) -> Self {
        match source.kind() {
            // The kernel's own timeout: SYN or data were retransmitted without success.
            io::ErrorKind::TimedOut => Self::Timeout { step },
            _ => Self::Io { step, source },
        }
    }

    pub(crate) fn length(got: u64, expected: u64) -> Result<(), Self> {
        match got.cmp(&expected) {
            std::cmp::Ordering::Less => Err(Self::Short { got, expected }),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(Self::Excess { got, expected }),
        }
    }

    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::ConnectionRefused => ErrorKind::Refused,
                // An MPTCP socket returns NotConnected once its last path has been gone for `close_timeout` (Linux
                // 6.18).
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected => ErrorKind::Reset,
                _ => ErrorKind::Other,
            },
            Self::Timeout { .. } => ErrorKind::Timeout,
            Self::Short { .. } | Self::Unanswered => ErrorKind::Short,
            Self::Excess { .. } => ErrorKind::Excess,
            Self::Mismatch(_) | Self::Refuted { .. } | Self::Wire(_) => ErrorKind::Mismatch,
            Self::Status(_) => ErrorKind::Status,
            Self::Http(_) => ErrorKind::Protocol,
        }
    }
}

/// Formats an error and its causes in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(to) => write!(f, "connect to {to}"),
            Self::Send => f.write_str("send"),
            Self::Receive => f.write_str("receive"),
            Self::Finish => f.write_str("finish"),
        }
    }
}
