//! A relay: two directions, their deadlines and its control, polled as one future.
//!
//! ```text
//!              both directions done
//!   Running ──────────────────────────────────────────────► over: Fin
//!     │ │ └── too long idle, killed ───────────────────────► over: TimedOut, Killed
//!     │ │
//!     │ └──── reading from X fails: nothing can be written to X either ───────────► over: Failed
//!     │
//!     ├────── no memory for bytes that a side does not take yet ──────────────────► over: NoMemory
//!     └────── writing to X fails ──► what X has sent before is delivered ────────► over: Failed
//! ```
//!
//! `gate` has what comes before that where the first bytes of the server are looked at.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use proto_core::stream::Stream;
use tokio::time::{Instant, Sleep};

use crate::control::Control;
use crate::deadline::Deadlines;
use crate::flow::{Fault, Flow};
use crate::outcome::{Direction, Ended, Operation, Outcome, Side};
use crate::scratch::Scratch;
use crate::timeouts::RelayTimeouts;

/// A running relay.
pub(crate) struct Relay<'a> {
    pub(crate) client: &'a mut dyn Stream,
    pub(crate) server: &'a mut dyn Stream,
    pub(crate) to_server: Half<'a>,
    pub(crate) to_client: Half<'a>,
    pub(crate) deadlines: Option<Deadlines>,
    pub(crate) control: &'a Control,
    pub(crate) begun: Instant,
    first_fin: Option<Side>,
    pub(crate) failed: Option<(Side, Fault)>,
}

/// One direction, with its counts and the instants of its events.
pub(crate) struct Half<'a> {
    pub(crate) flow: Flow<'a>,
    pub(crate) first_byte: Option<Duration>,
    fin: Option<Duration>,
}

impl<'a> Half<'a> {
    fn new(scratch: &'a Scratch) -> Half<'a> {
        Half { flow: Flow::new(scratch), first_byte: None, fin: None }
    }

    fn direction(&self) -> Direction {
        let counts = self.flow.counts();
        Direction {
            bytes: counts.read,
            delivered: counts.written,
            spliced: counts.spliced,
            first_byte: self.first_byte,
            fin: self.fin,
        }
    }
}

impl<'a> Relay<'a> {
    pub(crate) fn new(
        client: &'a mut dyn Stream,
        server: &'a mut dyn Stream,
        timeouts: &RelayTimeouts,
        scratch: &'a Scratch,
        control: &'a Control,
    ) -> Relay<'a> {
        let begun = Instant::now();
        let mut to_server = Half::new(scratch);
        if control.ends_with_client() {
            to_server.flow.keep_open();
        }
        let received = control.take_received();
        if !received.is_empty() {
            to_server.first_byte = Some(Duration::ZERO);
            to_server.flow.put_back(received);
        }
        Relay {
            client,
            server,
            to_server,
            to_client: Half::new(scratch),
            deadlines: (!timeouts.is_endless()).then(|| Deadlines::new(*timeouts, begun)),
            control,
            begun,
            first_fin: None,
            failed: None,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, timer: Pin<&mut Sleep>) -> Poll<Ended> {
        if self.control.is_killed(cx) {
            return Poll::Ready(Ended::Killed);
        }
        self.advance(cx, Side::Client);
        let unhurt = self.failed.is_none();
        self.advance(cx, Side::Server);
        if unhurt && self.failed.is_some() {
            // The server's direction failed after the client's had its turn, which changed what the client's may
            // do.
            self.advance(cx, Side::Client);
        }
        self.control.publish(self.to_server.flow.counts().read, self.to_client.flow.counts().read);
        if self.to_server.flow.is_done() && self.to_client.flow.is_done() {
            return Poll::Ready(self.over());
        }
        if let Some(deadlines) = &mut self.deadlines
            && let Poll::Ready((side, timeout)) = deadlines.poll(cx, timer)
        {
            // Whatever delayed the end, the failure was the reason for it.
            let timed_out = Ended::TimedOut { side, timeout };
            return Poll::Ready(if self.failed.is_some() { self.over() } else { timed_out });
        }
        Poll::Pending
    }

    /// Runs one turn of the direction that starts at `sender`.
    pub(crate) fn advance(&mut self, cx: &mut Context<'_>, sender: Side) {
        let (half, from, to) = match sender {
            Side::Client => (&mut self.to_server, &mut *self.client, &mut *self.server),
            Side::Server => (&mut self.to_client, &mut *self.server, &mut *self.client),
        };
        let flow = &mut half.flow;
        if flow.is_done() {
            return;
        }
        let (before, was_open, was_waiting) = (flow.counts(), !flow.is_at_eof(), flow.is_waiting_for_bytes());
        let result = flow.poll(cx, from, to);

        let after = flow.counts();
        let (read, wrote) = (after.read > before.read, after.written > before.written);
        let fault = match result {
            Poll::Ready(Err(fault)) => Some(fault),
            _ => None,
        };
        let fin = was_open && flow.is_at_eof();
        let mut clock = Reading::default();
        if read && half.first_byte.is_none() {
            half.first_byte = Some(clock.now() - self.begun);
        }
        if fin {
            half.fin = Some(clock.now() - self.begun);
            if self.first_fin.is_none() {
                self.first_fin = Some(sender);
                self.control.first_fin(&*self.client, &*self.server);
            }
        }
        if let Some(deadlines) = &mut self.deadlines {
            let side = deadlines.clock(sender);
            let is_waiting = flow.is_waiting_for_bytes();
            if read || is_waiting && !was_waiting {
                side.mark_active(clock.now());
            }
            if fin {
                side.mark_half_closed(clock.now());
            }
            side.expected = is_waiting;
            let side = deadlines.clock(sender.other());
            if wrote {
                side.mark_active(clock.now());
            }
            if flow.is_stuck() {
                side.mark_stalled(wrote, || clock.now());
            } else {
                side.clear_stalled();
            }
            if flow.is_done() {
                side.mark_half_closed(clock.now());
            }
        }
        if fin && sender == Side::Client && self.control.ends_with_client() {
            self.to_client.flow.drain();
        }
        if let Some(fault) = fault {
            self.fail(sender, fault);
        }
    }

    /// Handles a failure in the direction that starts at `sender`.
    pub(crate) fn fail(&mut self, sender: Side, fault: Fault) {
        let (this, opposite) = match sender {
            Side::Client => (&mut self.to_server.flow, &mut self.to_client.flow),
            Side::Server => (&mut self.to_client.flow, &mut self.to_server.flow),
        };
        this.abandon();
        let side = match fault {
            Fault::Socket { operation: Operation::Read, .. } | Fault::NoMemory => {
                opposite.abandon();
                sender
            }
            Fault::Socket { .. } => {
                opposite.drain();
                sender.other()
            }
        };
        self.failed.get_or_insert((side, fault));
    }

    pub(crate) fn over(&mut self) -> Ended {
        match self.failed.take() {
            Some((side, Fault::Socket { operation, error })) => Ended::Failed { side, operation, error },
            Some((_, Fault::NoMemory)) => Ended::NoMemory,
            // Unless there was a failure, a direction is done only after its end of file.
            None => Ended::Fin { first: self.first_fin.unwrap_or(Side::Client) },
        }
    }

    pub(crate) fn outcome(&self, ended: Ended) -> Outcome {
        Outcome {
            to_server: self.to_server.direction(),
            to_client: self.to_client.direction(),
            ended,
            lasted: self.begun.elapsed(),
        }
    }
}

/// The current time, read at most once per turn and only if something happened.
#[derive(Default)]
struct Reading(Option<Instant>);

impl Reading {
    fn now(&mut self) -> Instant {
        *self.0.get_or_insert_with(Instant::now)
    }
}
