//! One direction of a relay: a state machine that is polled with both streams.
//!
//! ```text
//!             read, all of it taken
//!               ┌──────┐
//!               ▼      │     only some taken
//!             Moving ──┴─────────────────────────► Moving, something held
//!             (nothing held) ◄──────────────────── (a spill, or bytes in a pipe; no reading)
//!               │      all of it taken
//!               │
//!   end of file ├─────────► Closing ──shutdown──► Done
//!               │
//!               └─ nothing more there, and draining, or only what is held is delivered ──► Done
//! ```
//!
//! Nothing is read while something is held, so at the end of file, and when reading fails, all bytes are in the
//! receiver's socket.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use tokio::task::coop;

use crate::budget::NoMemory;
use crate::copy::{Spill, poll_read, poll_write};
use crate::outcome::Operation;
use crate::pace::Pace;
use crate::pipe::Lease;
use crate::scratch::Scratch;
use crate::splice::{is_refusal, poll_drain, poll_fill};

/// The most bytes a direction may move in one turn: about 0.1 ms of work.
const TURN_BYTES: u64 = 1024 * 1024;
/// The most steps it may take in one turn, so that small reads do not make a long turn either.
const TURN_STEPS: u32 = 16;

/// Why a direction cannot go on.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A socket failed.
    Socket { operation: Operation, error: io::Error },
    /// There is no memory for bytes that the receiver does not take yet.
    NoMemory,
}

impl From<NoMemory> for Fault {
    fn from(_: NoMemory) -> Fault {
        Fault::NoMemory
    }
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Flow<'a> {
    scratch: &'a Scratch,
    state: State,
    held: Held<'a>,
    pace: Pace,
    /// Whether the sender's end of file was read.
    eof: bool,
    /// Whether bytes were written and not flushed.
    unflushed: bool,
    /// Whether the system refused to splice these two sockets.
    unspliceable: bool,
    /// Whether the receiver's direction is left open at the sender's end of file.
    keeps_open: bool,
    /// Whether to end when the sender has nothing more at the moment: its socket failed for writing.
    drain: Drain,
    counts: Counts,
}

/// The bytes moved since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) written: u64,
    pub(crate) spliced: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Moving,
    Closing,
    Done,
}

/// Whether to deliver only some of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drain {
    No,
    /// Only those that have already arrived.
    Asked,
    /// The same, and the runtime has had a turn to find out what has arrived.
    Looked,
    /// Only those that are held.
    Held,
}

impl Drain {
    /// Returns whether all bytes that had arrived have been read. To be asked when a read has found nothing; while the
    /// answer is no and something is to be drained, the task is woken again.
    fn is_complete(&mut self, cx: &mut Context<'_>) -> bool {
        match self {
            Drain::No | Drain::Held => return false,
            // The runtime has not seen yet what arrived during this turn, so it gets a turn first.
            Drain::Asked => *self = Drain::Looked,
            // A task that has used up its budget of operations gets `Pending`, whatever has arrived.
            Drain::Looked if coop::has_budget_remaining() => return true,
            Drain::Looked => {}
        }
        yield_turn(cx);
        false
    }
}

#[derive(Debug)]
enum Held<'a> {
    Nothing,
    Spill(Spill<'a>),
    Pipe(Lease<'a>),
}

/// The result of a step that need not wait.
enum Step {
    /// Bytes were moved, or another way of moving them is to be tried.
    Moved,
    /// The sender's end of file was read.
    Eof,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(scratch: &'a Scratch) -> Flow<'a> {
        Flow {
            scratch,
            state: State::Moving,
            held: Held::Nothing,
            pace: Pace::new(),
            eof: false,
            unflushed: false,
            unspliceable: false,
            keeps_open: false,
            drain: Drain::No,
            counts: Counts::default(),
        }
    }

    pub(crate) fn scratch(&self) -> &'a Scratch {
        self.scratch
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Returns whether the sender's end of file was read.
    pub(crate) fn is_at_eof(&self) -> bool {
        self.eof
    }

    /// Returns whether nothing is left to do.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns whether this direction waits for the receiver.
    pub(crate) fn is_stuck(&self) -> bool {
        match self.state {
            State::Moving => self.unflushed || !matches!(self.held, Held::Nothing),
            State::Closing => true,
            State::Done => false,
        }
    }

    /// Returns whether this direction waits for the sender.
    pub(crate) fn is_waiting_for_bytes(&self) -> bool {
        self.state == State::Moving && matches!(self.held, Held::Nothing)
    }

    /// Passes these bytes on before anything else. They were read from the sender before anything was read here.
    pub(crate) fn put_back(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.counts.read += bytes.len() as u64;
            self.held = Held::Spill(self.scratch.spill_all(bytes));
        }
    }

    /// Leaves the receiver's direction open at the end: its connection is to be reset.
    pub(crate) fn keep_open(&mut self) {
        self.keeps_open = true;
    }

    /// Delivers the bytes that have already arrived and then ends.
    pub(crate) fn drain(&mut self) {
        if self.drain == Drain::No {
            self.drain = Drain::Asked;
        }
    }

    /// Delivers the bytes held, or put back before the next turn, and then ends: the sender's socket failed for reading.
    pub(crate) fn deliver_held(&mut self) {
        self.drain = Drain::Held;
    }

    /// Returns whether all bytes that had arrived have been read, for a caller that reads from the sender itself and has
    /// found nothing more. It is woken again to find out.
    pub(crate) fn has_drained(&mut self, cx: &mut Context<'_>) -> bool {
        self.drain.is_complete(cx)
    }

    /// Ends at once and drops the bytes held.
    pub(crate) fn abandon(&mut self) {
        self.held = Held::Nothing;
        self.state = State::Done;
    }

    /// Moves what can be moved in one turn; ready when the direction is done.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn Stream,
        to: &mut dyn Stream,
    ) -> Poll<Result<(), Fault>> {
        let before = self.counts;
        let result = self.turn(cx, from, to);
        if self.counts != before {
            self.pace.turned();
        }
        result
    }

    fn turn(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn Stream,
        to: &mut dyn Stream,
    ) -> Poll<Result<(), Fault>> {
        let end = self.counts.written + TURN_BYTES;
        let mut steps = TURN_STEPS;
        while self.state == State::Moving {
            if steps == 0 || self.counts.written >= end {
                yield_turn(cx);
                return Poll::Pending;
            }
            steps -= 1;
            if self.drain == Drain::Held && matches!(self.held, Held::Nothing) {
                ready!(self.flush(cx, to))?;
                self.state = State::Done;
                break;
            }
            match self.step(cx, from, to) {
                Poll::Ready(Ok(Step::Moved)) => {}
                Poll::Ready(Ok(Step::Eof)) => (self.eof, self.state) = (true, State::Closing),
                Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault)),
                Poll::Pending => {
                    if matches!(self.held, Held::Nothing) {
                        ready!(self.flush(cx, to))?;
                        if self.drain.is_complete(cx) {
                            self.state = State::Done;
                            break;
                        }
                    }
                    return Poll::Pending;
                }
            }
        }
        if self.state == State::Closing && self.keeps_open {
            self.state = State::Done;
        }
        if self.state == State::Closing {
            match ready!(Pin::new(to).poll_shutdown(cx)) {
                // The peer is gone already. If that lost bytes, the other direction reports it.
                Err(error) if error.kind() == io::ErrorKind::NotConnected => {}
                result => result.map_err(fault(Operation::Shutdown))?,
            }
            self.state = State::Done;
        }
        Poll::Ready(Ok(()))
    }

    fn flush(&mut self, cx: &mut Context<'_>, to: &mut dyn Stream) -> Poll<Result<(), Fault>> {
        if self.unflushed {
            ready!(Pin::new(to).poll_flush(cx)).map_err(fault(Operation::Write))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn step(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn Stream,
        to: &mut dyn Stream,
    ) -> Poll<Result<Step, Fault>> {
        match &mut self.held {
            Held::Spill(spill) => {
                let n = ready!(spill.poll_write(cx, to)).map_err(fault(Operation::Write))?;
                if spill.is_empty() {
                    self.held = Held::Nothing;
                }
                self.wrote(n);
                self.pace.moved(n);
                return Poll::Ready(Ok(Step::Moved));
            }
            Held::Pipe(_) => return self.empty_pipe(cx, to),
            Held::Nothing => {}
        }
        if self.pace.is_long()
            && !self.unspliceable
            && let Some(source) = from.splice_read()
            && to.splice_write().is_some()
            && let Some(mut lease) = self.scratch.pipes().take()
        {
            return match ready!(poll_fill(cx, source, &mut lease)) {
                Ok(0) => Poll::Ready(Ok(Step::Eof)),
                Ok(n) => {
                    self.counts.read += n as u64;
                    self.held = Held::Pipe(lease);
                    self.empty_pipe(cx, to)
                }
                Err(error) if is_refusal(&error) => {
                    self.unspliceable = true;
                    Poll::Ready(Ok(Step::Moved))
                }
                Err(error) => Poll::Ready(Err(fault(Operation::Read)(error))),
            };
        }
        self.copy(cx, from, to)
    }

    fn copy(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn Stream,
        to: &mut dyn Stream,
    ) -> Poll<Result<Step, Fault>> {
        let length = self.pace.read().min(self.scratch.largest_read());
        let mut buffer = self.scratch.borrow(length);
        let n = ready!(poll_read(cx, from, &mut buffer[..length])).map_err(fault(Operation::Read))?;
        if n == 0 {
            return Poll::Ready(Ok(Step::Eof));
        }
        self.counts.read += n as u64;
        let taken = match poll_write(cx, to, &buffer[..n]) {
            Poll::Ready(result) => result.map_err(fault(Operation::Write))?,
            Poll::Pending => 0,
        };
        self.wrote(taken);
        if taken == n {
            self.pace.flowed(n);
        } else {
            self.pace.stalled(taken);
            self.held = Held::Spill(self.scratch.spill(&buffer[taken..n])?);
        }
        Poll::Ready(Ok(Step::Moved))
    }

    fn empty_pipe(&mut self, cx: &mut Context<'_>, to: &mut dyn Stream) -> Poll<Result<Step, Fault>> {
        let Held::Pipe(pipe) = &mut self.held else { return Poll::Ready(Ok(Step::Moved)) };
        let drained = match to.splice_write() {
            Some(sink) if !self.unspliceable => ready!(poll_drain(cx, sink, pipe)),
            // The stream has bytes of its own to write before these, or the system refuses to splice after all.
            _ => {
                self.scratch.budget().hold()?;
                let bytes = pipe.unload().map_err(fault(Operation::Write))?;
                self.held = Held::Spill(self.scratch.spill_all(bytes));
                return Poll::Ready(Ok(Step::Moved));
            }
        };
        match drained {
            Ok(n) => {
                if pipe.held() == 0 {
                    self.held = Held::Nothing;
                }
                self.counts.written += n as u64;
                self.counts.spliced += n as u64;
                self.pace.moved(n);
            }
            Err(error) if is_refusal(&error) => self.unspliceable = true,
            Err(error) => return Poll::Ready(Err(fault(Operation::Write)(error))),
        }
        Poll::Ready(Ok(Step::Moved))
    }

    fn wrote(&mut self, n: usize) {
        self.counts.written += n as u64;
        self.unflushed |= n > 0;
    }
}

fn fault(operation: Operation) -> impl Fn(io::Error) -> Fault {
    move |error| Fault::Socket { operation, error }
}

/// Wakes this task again after the others, and after the runtime has polled for the I/O of the others. Waking it
/// directly would keep a busy worker from polling for 61 turns.
fn yield_turn(cx: &mut Context<'_>) {
    let _ = pin!(tokio::task::yield_now()).poll(cx);
}
