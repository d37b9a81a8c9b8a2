//! The deadlines of a relay: when it has waited too long, and for which side.
//!
//! Each side has the instant of its last activity and, while bytes wait for it, the instant since which it has
//! taken none. There is one timer. It is only moved when it fires, or when an earlier deadline appears: activity
//! makes deadlines later and does not touch the timer.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep};

use crate::outcome::{Side, Timeout};
use crate::timeouts::RelayTimeouts;

/// The clocks of both sides, and the timer's state.
#[derive(Debug)]
pub(crate) struct Deadlines {
    timeouts: RelayTimeouts,
    client: Clock,
    server: Clock,
    /// The instant the timer was last set to; `None` while it is not set.
    armed: Option<Instant>,
}

/// The clock of one side.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The instant of the last byte from this side or to it.
    active: Instant,
    /// The instant since which it has not taken the bytes that wait for it.
    stalled: Option<Instant>,
    /// Whether the relay waits for its bytes.
    pub(crate) expected: bool,
    /// Whether one of its directions has been shut down.
    pub(crate) half_closed: bool,
}

impl Clock {
    fn new(now: Instant) -> Clock {
        Clock { active: now, stalled: None, expected: true, half_closed: false }
    }

    /// Notes that bytes came from this side or went to it, or that the relay waits for it again.
    pub(crate) fn mark_active(&mut self, now: Instant) {
        self.active = now;
    }

    /// Notes that more bytes wait for this side, which has taken some (`took`) or has just stopped taking any.
    pub(crate) fn mark_stalled(&mut self, took: bool, now: impl FnOnce() -> Instant) {
        if took || self.stalled.is_none() {
            self.stalled = Some(now());
        }
    }

    /// Notes that one of its directions has been shut down: the timeout that applies from now on starts now.
    pub(crate) fn mark_half_closed(&mut self, now: Instant) {
        self.half_closed = true;
        self.active = now;
        self.stalled = self.stalled.map(|_| now);
    }

    /// Notes that no bytes wait for this side.
    pub(crate) fn clear_stalled(&mut self) {
        self.stalled = None;
    }
}

impl Deadlines {
    pub(crate) fn new(timeouts: RelayTimeouts, now: Instant) -> Deadlines {
        Deadlines { timeouts, client: Clock::new(now), server: Clock::new(now), armed: None }
    }

    pub(crate) fn clock(&mut self, side: Side) -> &mut Clock {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Becomes ready once the relay has waited for a side for too long.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<(Side, Timeout)> {
        loop {
            let Some((deadline, side, timeout)) = self.earliest() else { return Poll::Pending };
            if self.armed.is_none_or(|armed| deadline < armed) {
                timer.as_mut().reset(deadline);
                self.armed = Some(deadline);
            }
            // Whatever moving bytes has used up of the task's share: a side that sends without end must not outlast a limit.
            if pin!(unconstrained(timer.as_mut())).poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.armed = None;
            if deadline <= Instant::now() {
                return Poll::Ready((side, timeout));
            }
        }
    }

    fn earliest(&self) -> Option<(Instant, Side, Timeout)> {
        // Of equal deadlines the first is kept: the client's, as in HAProxy.
        [Side::Client, Side::Server].into_iter().filter_map(|side| self.of(side)).min_by_key(|found| found.0)
    }

    fn of(&self, side: Side) -> Option<(Instant, Side, Timeout)> {
        let (clock, timeouts) = match side {
            Side::Client => (&self.client, &self.timeouts.client),
            Side::Server => (&self.server, &self.timeouts.server),
        };
        let limit = self.timeouts.inactivity(timeouts, clock.half_closed)?;
        let idle = if clock.half_closed { Timeout::HalfClosed } else { Timeout::Idle };
        let idle = clock.expected.then_some((clock.active, idle));
        let stalled = clock.stalled.map(|since| (since, Timeout::Stalled));
        let (since, timeout) = stalled.into_iter().chain(idle).min_by_key(|found| found.0)?;
        // A deadline beyond the range of the clock is no deadline.
        Some((since.checked_add(limit)?, side, timeout))
    }
}
