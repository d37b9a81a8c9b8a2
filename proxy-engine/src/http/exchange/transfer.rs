//! Moves a body from one side of an exchange to the other.
//!
//! Bytes pass through the worker's buffer. The receiving side keeps only what it cannot write at once, and nothing
//! more is read before that is written.

use std::io;
use std::task::{Context, Poll, ready};

use proxy_relay::{Kept, Pace, Scratch};

use crate::exchange::body::{BodyIn, BodyOut, Part};
use crate::exchange::error::Broken;
use crate::exchange::turn::{TURN_BYTES, TURN_STEPS, yield_turn};

/// The transfer of a body.
#[derive(Debug)]
pub(crate) struct Transfer<'s> {
    scratch: &'s Scratch,
    kept: Kept<'s>,
    state: State,
    pace: Pace,
    /// Whether nothing was read yet: the head that was sent before may wait for the first data.
    is_fresh: bool,
    /// The bytes of the body that were read.
    moved: u64,
    waits_for: Waits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Moving,
    /// The end was sent and waits to be flushed.
    Ending,
    Done,
}

/// The side that a transfer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// Neither: the transfer has ended, or continues at once.
    Neither,
    /// The side that sends the body.
    Sender,
    /// The side that receives the body.
    Receiver,
}

/// A failure of a transfer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The sending side failed.
    Sender(Broken),
    /// The receiving side failed.
    Receiver,
    /// There is no memory for what the receiving side does not take yet.
    NoMemory,
}

impl Fault {
    fn of_receiver(error: io::Error) -> Fault {
        if error.kind() == io::ErrorKind::OutOfMemory { Fault::NoMemory } else { Fault::Receiver }
    }
}

impl<'s> Transfer<'s> {
    /// Creates a transfer. With `no_delay` the head that was sent before does not wait for the body.
    pub(crate) fn new(scratch: &'s Scratch, no_delay: bool) -> Transfer<'s> {
        Transfer {
            scratch,
            kept: scratch.kept_elsewhere(),
            state: State::Moving,
            pace: Pace::new(),
            is_fresh: !no_delay,
            moved: 0,
            waits_for: Waits::Neither,
        }
    }

    /// Returns the bytes of the body that were read.
    pub(crate) fn moved(&self) -> u64 {
        self.moved
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns the side that the transfer has waited for since the last poll.
    pub(crate) fn waits_for(&self) -> Waits {
        if self.is_done() { Waits::Neither } else { self.waits_for }
    }

    /// Ends the transfer where it is.
    pub(crate) fn abandon(&mut self) {
        self.state = State::Done;
    }

    /// Moves what can be moved in one turn. Ready when the whole body is sent and flushed.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn BodyIn,
        to: &mut dyn BodyOut,
    ) -> Poll<Result<(), Fault>> {
        let before = self.moved;
        let result = self.turn(cx, from, to);
        if self.moved != before {
            self.pace.turned();
        }
        result
    }

    fn turn(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn BodyIn,
        to: &mut dyn BodyOut,
    ) -> Poll<Result<(), Fault>> {
        let (mut bytes, mut steps) = (0, 0);
        while self.state == State::Moving {
            if steps == TURN_STEPS || bytes >= TURN_BYTES {
                self.waits_for = Waits::Neither;
                yield_turn(cx);
                return Poll::Pending;
            }
            steps += 1;
            if !self.is_fresh {
                ready!(self.flush(cx, to))?;
            }
            let mut room = to.room();
            if room == 0 {
                self.is_fresh = false;
                ready!(self.flush(cx, to))?;
                if let Poll::Ready(end) = from.poll_end(cx) {
                    end.map_err(Fault::Sender)?;
                    self.end(cx, from, to)?;
                    break;
                }
                ready!(self.wait_for_room(cx, to))?;
                room = to.room();
            }
            let length = self.pace.read().min(self.scratch.largest_read()).min(room);
            let mut buffer = self.scratch.borrow(length);
            match from.poll_body(cx, &mut buffer[..length]) {
                Poll::Ready(Ok(Part::Data(n))) => {
                    (self.is_fresh, self.moved, bytes) = (false, self.moved + n as u64, bytes + n);
                    self.pace.flowed(n);
                    let end = from.is_complete().then(|| from.trailers());
                    to.send(cx, &buffer[..n], end).map_err(Fault::of_receiver)?;
                    if end.is_some() {
                        self.state = State::Ending;
                    }
                }
                Poll::Ready(Ok(Part::End)) => self.end(cx, from, to)?,
                Poll::Ready(Err(broken)) => return Poll::Ready(Err(Fault::Sender(broken))),
                Poll::Pending => {
                    drop(buffer);
                    self.is_fresh = false;
                    ready!(self.flush(cx, to))?;
                    self.waits_for = Waits::Sender;
                    return Poll::Pending;
                }
            }
        }
        if self.state == State::Ending {
            ready!(self.flush(cx, to))?;
            self.state = State::Done;
        }
        Poll::Ready(Ok(()))
    }

    fn end(&mut self, cx: &mut Context<'_>, from: &dyn BodyIn, to: &mut dyn BodyOut) -> Result<(), Fault> {
        self.state = State::Ending;
        to.send(cx, &[], Some(from.trailers())).map_err(Fault::of_receiver)
    }

    fn wait_for_room(&mut self, cx: &mut Context<'_>, to: &mut dyn BodyOut) -> Poll<Result<(), Fault>> {
        let room = to.poll_room(cx).map_err(Fault::of_receiver);
        if room.is_pending() {
            self.waits_for = Waits::Receiver;
        }
        room
    }

    fn flush(&mut self, cx: &mut Context<'_>, to: &mut dyn BodyOut) -> Poll<Result<(), Fault>> {
        let flushed = to.poll_flush(cx).map_err(Fault::of_receiver);
        self.kept.set(to.kept());
        if flushed.is_pending() {
            self.waits_for = Waits::Receiver;
            self.pace.stalled(0);
        }
        flushed
    }
}
