//! The result of a relay: bytes and times per direction, and which side ended it how.

use std::io;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use proto_core::stream::Stream;

/// One of the two sides of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The peer that connected to the proxy.
    Client,
    /// The peer that the proxy connected to.
    Server,
}

impl Side {
    /// Returns the opposite side.
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
    /// The direction from the client to the server.
    pub to_server: Direction,
    /// The direction from the server to the client.
    pub to_client: Direction,
    /// The reason for the end.
    pub ended: Ended,
    /// The time from the first poll to the end.
    pub lasted: Duration,
}

/// One direction of a relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direction {
    /// Bytes read from the sending side.
    pub bytes: u64,
    /// Those of them that the receiving side's socket took; fewer only if the relay did not end in order.
    pub delivered: u64,
    /// Those of the delivered bytes that were spliced.
    pub spliced: u64,
    /// When the first byte arrived, since the start of the relay.
    pub first_byte: Option<Duration>,
    /// When the sender's end of file arrived, since the start of the relay.
    pub fin: Option<Duration>,
}

/// The reason for the end of a relay.
#[derive(Debug)]
pub enum Ended {
    /// Both sides sent their end of file, and it was passed on.
    Fin {
        /// The side whose end of file came first.
        first: Side,
    },
    /// A socket failed. [`Ended::is_reset`] distinguishes a reset by the peer from other failures.
    Failed {
        /// The side whose socket failed.
        side: Side,
        /// The operation that failed.
        operation: Operation,
        /// The system's error.
        error: io::Error,
    },
    /// A side was idle for too long.
    TimedOut {
        /// The side that was idle.
        side: Side,
        /// What the relay waited for.
        timeout: Timeout,
    },
    /// [`Control::kill`](crate::Control::kill) was called.
    Killed,
    /// There was no memory for bytes that a side did not take yet, or that a gate looks at.
    NoMemory,
    /// A [`Gate`](crate::Gate) refused what the server has sent.
    Refused {
        /// How the server's connection is to be closed.
        server: Closing,
    },
    /// A [`Gate`](crate::Gate) has failed to decide about what the server has sent.
    GateFailed,
}

/// An operation on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A read.
    Read,
    /// A write or a flush.
    Write,
    /// A shutdown for writing, which sends the end of file.
    Shutdown,
}

/// What a relay waited for when a timeout expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timeout {
    /// For the side to send or to take anything.
    Idle,
    /// For the side to send the rest, after the other side's end of file had been passed on to it.
    HalfClosed,
    /// For the side to take bytes that were waiting for it.
    Stalled,
}

/// How the proxy closes a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closing {
    /// In order: the kernel still delivers what was written.
    Orderly,
    /// With a reset.
    Reset,
    /// The peer reads the end, and this end forgets the connection at once.
    EndAndReset,
}

impl Ended {
    /// Returns the side that ended the relay; `None` if the proxy did.
    pub fn by(&self) -> Option<Side> {
        match *self {
            Ended::Fin { first } => Some(first),
            Ended::Failed { side, .. } | Ended::TimedOut { side, .. } => Some(side),
            Ended::Killed | Ended::NoMemory | Ended::Refused { .. } | Ended::GateFailed => None,
        }
    }

    /// Returns whether the peer reset the connection, as opposed to a failure of the network or of this system.
    pub fn is_reset(&self) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        matches!(self, Ended::Failed { error, .. }
            if matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset))
    }
}

impl Outcome {
    /// Returns the side that sent its end of file first, however the relay ended; `None` if neither did.
    pub fn first_fin(&self) -> Option<Side> {
        match (self.to_server.fin, self.to_client.fin) {
            (None, None) => None,
            (Some(_), None) => Some(Side::Client),
            (None, Some(_)) => Some(Side::Server),
            (Some(client), Some(server)) => Some(match &self.ended {
                // Both may have arrived in one poll, at the same instant; the relay knows the order.
                Ended::Fin { first } => *first,
                _ if server < client => Side::Server,
                _ => Side::Client,
            }),
        }
    }

    /// Returns how to close a side, as HAProxy 3 does: a server sees that its client broke off instead of taking
    /// half a request for a whole one, and the kernel does not wait for a side that takes no bytes either. A server
    /// that was silent for too long, or whose session was killed, reads the end and is then reset, so that no port
    /// stays in `TIME_WAIT`.
    pub fn closing(&self, side: Side) -> Closing {
        match self.ended {
            Ended::Failed { side: failed, .. } if failed == Side::Client && side == Side::Server => {
                Closing::Reset
            }
            Ended::TimedOut { side: stalled, timeout: Timeout::Stalled } if stalled == side => Closing::Reset,
            Ended::TimedOut { side: Side::Server, .. } | Ended::Killed
                if side == Side::Server && self.to_client.fin.is_none() =>
            {
                Closing::EndAndReset
            }
            Ended::Refused { server } if side == Side::Server => server,
            // Bytes are lost: neither side must take what it has for all.
            Ended::GateFailed | Ended::NoMemory => Closing::Reset,
            _ => Closing::Orderly,
        }
    }

    /// Closes both sides as [`closing`](Outcome::closing) says.
    pub fn close(&self, client: Box<dyn Stream>, server: Box<dyn Stream>) {
        for (side, mut stream) in [(Side::Client, client), (Side::Server, server)] {
            match self.closing(side) {
                Closing::Orderly => drop(stream),
                Closing::Reset => stream.abort(),
                Closing::EndAndReset => {
                    // Nobody waits for it: it is reset next.
                    let _ = Pin::new(&mut *stream).poll_shutdown(&mut Context::from_waker(Waker::noop()));
                    stream.abort();
                }
            }
        }
    }
}
