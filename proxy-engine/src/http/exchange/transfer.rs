//! A body on its way from one side of an exchange to the other.
//!
//! Bytes stay in the worker's buffer, and only what the receiving side does not take at once is kept by it; nothing is
//! read before that is gone.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use proxy_relay::{Kept, Pace, Scratch};

use crate::exchange::body::{BodyIn, BodyOut, Part};
use crate::exchange::error::Broken;

/// Bytes in one turn: about 0.1 ms of work.
const TURN_BYTES: usize = 1024 * 1024;
/// Reads in one turn, so that small ones do not make a long turn either.
const TURN_STEPS: usize = 16;

/// A body that moves.
#[derive(Debug)]
pub(crate) struct Transfer<'s> {
    scratch: &'s Scratch,
    kept: Kept<'s>,
    state: State,
    pace: Pace,
    /// Nothing was read yet. The head that was sent before may wait for what follows it.
    is_fresh: bool,
    /// Bytes of the body that were read.
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

/// Which side a body waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// Neither: it has ended, or goes on at once.
    Neither,
    /// The one that sends it.
    Sender,
    /// The one that takes it.
    Receiver,
}

/// Which end of a transfer failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The sending one.
    Sender(Broken),
    /// The receiving one.
    Receiver,
}

impl<'s> Transfer<'s> {
    /// Of a body that is to be read. With `no_delay` the head that was sent before does not wait for it.
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

    /// Bytes of the body that were read.
    pub(crate) fn moved(&self) -> u64 {
        self.moved
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Which side it waits for since it was polled last.
    pub(crate) fn waits_for(&self) -> Waits {
        if self.is_done() { Waits::Neither } else { self.waits_for }
    }

    /// Nothing more is moved.
    pub(crate) fn abandon(&mut self) {
        self.state = State::Done;
    }

    /// Moves what can be moved in one turn; ready when all of it has been.
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
                // After the others, and after the runtime has looked for what has come for them meanwhile.
                let _ = pin!(tokio::task::yield_now()).poll(cx);
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
                    to.send(cx, &buffer[..n], end).map_err(|_| Fault::Receiver)?;
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
        to.send(cx, &[], Some(from.trailers())).map_err(|_| Fault::Receiver)
    }

    fn wait_for_room(&mut self, cx: &mut Context<'_>, to: &mut dyn BodyOut) -> Poll<Result<(), Fault>> {
        let room = to.poll_room(cx).map_err(|_| Fault::Receiver);
        if room.is_pending() {
            self.waits_for = Waits::Receiver;
        }
        room
    }

    fn flush(&mut self, cx: &mut Context<'_>, to: &mut dyn BodyOut) -> Poll<Result<(), Fault>> {
        let flushed = to.poll_flush(cx).map_err(|_| Fault::Receiver);
        self.kept.set(to.kept());
        if flushed.is_pending() {
            self.waits_for = Waits::Receiver;
            self.pace.stalled(0);
        }
        flushed
    }
}
