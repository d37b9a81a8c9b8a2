//! What came of a relay: bytes and times per direction, and who ended it how.

use std::io;
use std::time::Duration;

use proto_core::stream::Stream;

/// One of the two sides of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who connected to the proxy.
    Client,
    /// Who the proxy connected to.
    Server,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// The result of a relay.
#[derive(Debug)]
pub struct Outcome {
    /// What the client sent.
    pub to_server: Direction,
    /// What the server sent.
    pub to_client: Direction,
    /// Why it ended.
    pub ended: Ended,
    /// From the first poll to the end.
    pub lasted: Duration,
}

/// One direction of a relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direction {
    /// Bytes read from the side that sends.
    pub bytes: u64,
    /// Those of them that the receiving side's socket took; fewer only if the relay did not end in order.
    pub delivered: u64,
    /// Those of the delivered that were spliced.
    pub spliced: u64,
    /// When the first byte was there, since the start of the relay.
    pub first_byte: Option<Duration>,
    /// When the sender's end of file was there, likewise.
    pub fin: Option<Duration>,
}

/// Why a relay ended.
#[derive(Debug)]
pub enum Ended {
    /// Both sides sent their end of file, and it was passed on.
    Fin {
        /// Who was first.
        first: Side,
    },
    /// A socket failed. [`Ended::is_reset`] tells a reset by the peer from other failures.
    Failed {
        /// Whose socket.
        side: Side,
        /// What was tried on it.
        operation: Operation,
        /// Why it failed.
        error: io::Error,
    },
    /// A side was idle for too long.
    TimedOut {
        /// Which.
        side: Side,
        /// What it was waited for.
        timeout: Timeout,
    },
    /// [`Control::kill`](crate::Control::kill) was called.
    Killed,
    /// A [`Gate`](crate::Gate) refused what the server has sent.
    Refused {
        /// How the server's connection is to be closed.
        server: Closing,
    },
}

/// What was done on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Reading.
    Read,
    /// Writing or flushing.
    Write,
    /// Sending the end of file.
    Shutdown,
}

/// What a side was waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timeout {
    /// To send or to take anything.
    Idle,
    /// To send the rest after it had been sent its own end of file.
    HalfClosed,
    /// To take bytes that were waiting for it.
    Stalled,
}

/// How the proxy lets go of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closing {
    /// What was written is still delivered.
    Orderly,
    /// The peer sees a reset.
    Reset,
}

impl Ended {
    /// Who ended it; `None` if it was the proxy itself.
    pub fn by(&self) -> Option<Side> {
        match *self {
            Ended::Fin { first } => Some(first),
            Ended::Failed { side, .. } | Ended::TimedOut { side, .. } => Some(side),
            Ended::Killed | Ended::Refused { .. } => None,
        }
    }

    /// Whether the peer broke the connection off, rather than the network or this system.
    pub fn is_reset(&self) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        matches!(self, Ended::Failed { error, .. }
            if matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset))
    }
}

impl Outcome {
    /// Who sent its end of file first, however the relay ended; `None` if nobody did.
    pub fn first_fin(&self) -> Option<Side> {
        match (self.to_server.fin, self.to_client.fin) {
            (None, None) => None,
            (Some(_), None) => Some(Side::Client),
            (None, Some(_)) => Some(Side::Server),
            (Some(client), Some(server)) => Some(match &self.ended {
                // Both may have come in one poll, at the same instant; the relay knows the order.
                Ended::Fin { first } => *first,
                _ if server < client => Side::Server,
                _ => Side::Client,
            }),
        }
    }

    /// How to let go of a side, as HAProxy 3 does: a server learns that its client broke off instead of taking half a
    /// request for a whole one, and a side that takes no bytes is not waited for by the kernel either.
    pub fn closing(&self, side: Side) -> Closing {
        match self.ended {
            Ended::Failed { side: failed, .. } if failed == Side::Client && side == Side::Server => {
                Closing::Reset
            }
            Ended::TimedOut { side: stalled, timeout: Timeout::Stalled } if stalled == side => Closing::Reset,
            Ended::Refused { server } if side == Side::Server => server,
            _ => Closing::Orderly,
        }
    }

    /// Lets go of both sides that way.
    pub fn close(&self, client: Box<dyn Stream>, server: Box<dyn Stream>) {
        for (side, stream) in [(Side::Client, client), (Side::Server, server)] {
            match self.closing(side) {
                Closing::Orderly => drop(stream),
                Closing::Reset => stream.abort(),
            }
        }
    }
}
