//! The first bytes of a server, held until somebody has looked at them. The other direction goes on meanwhile.
//!
//! ```text
//!               more, its end of file, the gate wakes up
//!                 ┌──────────┐
//!                 ▼          │
//!              Holding ──────┘
//!                 ├── open ─────► what is held goes out first, and the relay runs as any other
//!                 ├── refused ──► ended: Refused
//!                 └── failed ───► ended: GateFailed
//! ```

use std::pin::Pin;
use std::task::{Context, Poll};

use proto_core::stream::Stream;
use tokio::time::{Instant, Sleep};

use crate::copy::poll_read;
use crate::flow::Fault;
use crate::outcome::{Closing, Direction, Ended, Operation, Outcome, Side};
use crate::pace::SMALL;
use crate::relay::Relay;

/// A gate that decides about the first bytes of a server.
pub trait Gate {
    /// Ready with the decision, and always if no more bytes may arrive. Called when there are more bytes, and whenever the
    /// task is woken: a gate may have a timer of its own.
    fn poll_decide(&mut self, cx: &mut Context<'_>, held: &HeldBytes<'_>) -> Poll<Passage>;
}

/// The bytes that a server has sent so far.
#[derive(Clone, Copy, Debug)]
pub struct HeldBytes<'a> {
    /// All bytes.
    pub bytes: &'a [u8],
    /// Whether more may arrive: the server has not finished, and the limit is not reached.
    pub may_grow: bool,
    /// The client's connection.
    pub client: &'a dyn Stream,
    /// The server's connection.
    pub server: &'a dyn Stream,
}

/// The decision about the bytes that were held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// The bytes are forwarded, and so is all that follows.
    Open,
    /// The relay ends without forwarding them. The connection to the server is closed in this way.
    Refused(Closing),
    /// The gate has failed to decide: nothing is forwarded, and both connections are reset.
    Failed,
}

/// What is held.
pub(crate) struct Holding<'a> {
    gate: &'a mut dyn Gate,
    bytes: Vec<u8>,
    /// The most bytes that are held.
    limit: usize,
    has_finished: bool,
}

impl<'a> Holding<'a> {
    pub(crate) fn new(gate: &'a mut dyn Gate, limit: usize) -> Holding<'a> {
        Holding { gate, bytes: Vec::new(), limit, has_finished: false }
    }

    fn may_grow(&self) -> bool {
        !self.has_finished && self.bytes.len() < self.limit
    }

    /// What the server sent, for the outcome of a relay that ended before any of it was passed on.
    fn direction(&self, passed: Direction) -> Direction {
        Direction { bytes: self.bytes.len() as u64, delivered: 0, ..passed }
    }

    /// The bytes, to be passed on.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Relay<'_> {
    /// A turn while the bytes of the server are held. `Ok` once they may pass.
    pub(crate) fn poll_holding(
        &mut self,
        cx: &mut Context<'_>,
        timer: Pin<&mut Sleep>,
        holding: &mut Holding<'_>,
    ) -> Poll<Result<(), Ended>> {
        if self.control.is_killed(cx) {
            return Poll::Ready(Err(Ended::Killed));
        }
        self.advance(cx, Side::Client);
        if let Some((Side::Client, _) | (_, Fault::NoMemory)) = self.failed {
            return Poll::Ready(Err(self.over()));
        }
        loop {
            while holding.may_grow() {
                match self.hold_more(cx, holding) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(Fault::NoMemory)) => return Poll::Ready(Err(Ended::NoMemory)),
                    Poll::Ready(Err(fault)) => {
                        // Nothing can be written to the server either. What it has sent before is still to be decided
                        // about, and delivered.
                        self.to_server.flow.abandon();
                        self.to_client.flow.deliver_held();
                        self.failed.get_or_insert((Side::Server, fault));
                        holding.has_finished = true;
                    }
                    Poll::Pending => break,
                }
            }
            let held = HeldBytes {
                bytes: &holding.bytes,
                may_grow: holding.may_grow(),
                client: &*self.client,
                server: &*self.server,
            };
            let decided = holding.gate.poll_decide(cx, &held);
            self.control.publish(self.to_server.flow.counts().read, holding.bytes.len() as u64);
            match decided {
                Poll::Ready(Passage::Open) => return Poll::Ready(Ok(())),
                Poll::Ready(Passage::Failed) => return Poll::Ready(Err(Ended::GateFailed)),
                Poll::Ready(Passage::Refused(server)) => return Poll::Ready(Err(Ended::Refused { server })),
                Poll::Pending => {}
            }
            // Once nothing can be written to the server, only what it has sent before is still to come. Asked after the
            // gate: the flow of an open one must still see that the runtime has not had its turn.
            if !holding.may_grow() || !self.to_client.flow.has_drained(cx) {
                break;
            }
            holding.has_finished = true;
        }
        if let Some(deadlines) = &mut self.deadlines {
            deadlines.clock(Side::Server).expected = holding.may_grow();
            if let Poll::Ready((side, timeout)) = deadlines.poll(cx, timer) {
                // Whatever delayed the end, the failure was the reason for it.
                let timed_out = Ended::TimedOut { side, timeout };
                return Poll::Ready(Err(if self.failed.is_some() { self.over() } else { timed_out }));
            }
        }
        Poll::Pending
    }

    /// Reads once.
    fn hold_more(&mut self, cx: &mut Context<'_>, holding: &mut Holding<'_>) -> Poll<Result<(), Fault>> {
        let room = SMALL.min(holding.limit - holding.bytes.len());
        let mut buffer = self.to_client.flow.scratch().borrow(room);
        let read = std::task::ready!(poll_read(cx, &mut *self.server, &mut buffer[..room]));
        let n = read.map_err(|error| Fault::Socket { operation: Operation::Read, error })?;
        let now = Instant::now();
        match n {
            // The flow reads it once more, and passes it on.
            0 => holding.has_finished = true,
            n => {
                let budget = self.to_client.flow.scratch().budget();
                budget.append(&mut holding.bytes, &buffer[..n], SMALL / 4)?;
                self.to_client.first_byte.get_or_insert(now - self.begun);
                if let Some(deadlines) = &mut self.deadlines {
                    deadlines.clock(Side::Server).mark_active(now);
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// What came of a relay that ended while it held bytes.
    pub(crate) fn outcome_holding(&self, ended: Ended, holding: &Holding<'_>) -> Outcome {
        let outcome = self.outcome(ended);
        Outcome { to_client: holding.direction(outcome.to_client), ..outcome }
    }
}
