//! When a relay has waited too long, and for whom.
//!
//! Each side has the instant at which it was last active and, while bytes wait for it, the instant since which it has
//! taken none. There is one timer. It is only ever moved when it fires, or when a deadline comes before it: activity
//! makes deadlines later and leaves it alone.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep};

use crate::outcome::{Side, Timeout};
use crate::timeouts::RelayTimeouts;

/// The clocks of both sides.
#[derive(Debug)]
pub(crate) struct Deadlines {
    timeouts: RelayTimeouts,
    client: Clock,
    server: Clock,
    /// What the timer was set to last; `None` while it is not.
    armed: Option<Instant>,
}

/// The clock of one side.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The last byte from it or to it.
    active: Instant,
    /// Since when it has not taken what waits for it.
    stalled: Option<Instant>,
    /// Whether its bytes are waited for.
    pub(crate) expected: bool,
    /// Whether one of its directions is shut.
    pub(crate) half_closed: bool,
}

impl Clock {
    fn new(now: Instant) -> Clock {
        Clock { active: now, stalled: None, expected: true, half_closed: false }
    }

    /// Bytes came from it or went to it, or it is waited for again after it was not.
    pub(crate) fn is_active(&mut self, now: Instant) {
        self.active = now;
    }

    /// It has taken something and more waits for it, or it has just begun to take nothing.
    pub(crate) fn is_stuck(&mut self, took: bool, now: impl FnOnce() -> Instant) {
        if took || self.stalled.is_none() {
            self.stalled = Some(now());
        }
    }

    /// One of its directions is shut: the limit that holds from now on begins now.
    pub(crate) fn is_half_closed(&mut self, now: Instant) {
        self.half_closed = true;
        self.active = now;
        self.stalled = self.stalled.map(|_| now);
    }

    /// Nothing waits for it.
    pub(crate) fn is_clear(&mut self) {
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

    /// Ready once a side has been waited for too long.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<(Side, Timeout)> {
        loop {
            let Some((deadline, side, timeout)) = self.earliest() else { return Poll::Pending };
            if self.armed.is_none_or(|armed| deadline < armed) {
                timer.as_mut().reset(deadline);
                self.armed = Some(deadline);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.armed = None;
            if deadline <= Instant::now() {
                return Poll::Ready((side, timeout));
            }
        }
    }

    fn earliest(&self) -> Option<(Instant, Side, Timeout)> {
        // The first of equals is kept: the client, as in HAProxy.
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
        // A limit beyond what the clock can tell is none.
        Some((since.checked_add(limit)?, side, timeout))
    }
}
