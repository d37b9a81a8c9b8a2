//! The only timer of a connection or exchange.
//!
//! Each wait polls it with its own deadline. The timer is only reset when it fires too early or when a deadline comes
//! before it: most waits end long before, and leave it as it is.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// A timer.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// The deadline it is set to; `None` once it has fired.
    armed: Option<Instant>,
}

/// What ends a wait that a rule has begun, if nothing else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The rule has waited for as long as it may.
    Delay,
    /// The peer has been silent for as long as it may.
    Silence,
}

impl Timer {
    /// Becomes ready once the first of these moments has passed: the end of a delay, or of the longest silence. Of equal
    /// ones it is the delay.
    ///
    /// The clock is looked at as well: the runtime fires timers only when it gets its turn, and a peer that keeps sending
    /// must not postpone that.
    pub(crate) fn first(
        &mut self,
        cx: &mut Context<'_>,
        delay: Option<Instant>,
        silence: Option<Instant>,
    ) -> Poll<Which> {
        let (first, which) = match (delay, silence) {
            (Some(delay), Some(silence)) if silence < delay => (Some(silence), Which::Silence),
            (None, silence) => (silence, Which::Silence),
            (delay, _) => (delay, Which::Delay),
        };
        let has_passed = first.is_some_and(|first| first <= Instant::now());
        if has_passed || self.poll(cx, first).is_ready() { Poll::Ready(which) } else { Poll::Pending }
    }

    /// Becomes ready once the deadline has passed; never without a deadline.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> Poll<()> {
        let Some(deadline) = deadline else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| {
            self.armed = Some(deadline);
            Box::pin(sleep_until(deadline))
        });
        loop {
            if self.armed.is_none_or(|armed| deadline < armed) {
                sleep.as_mut().reset(deadline);
                self.armed = Some(deadline);
            }
            // Whatever reading has used up of the task's share: a peer that sends without end must not outlast a limit.
            if pin!(unconstrained(sleep.as_mut())).poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.armed = None;
            if deadline <= Instant::now() {
                return Poll::Ready(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::time::Duration;

    use tokio::task::coop::{consume_budget, has_budget_remaining};

    use super::*;

    /// A task whose peer floods it uses up its share of the runtime in each turn, before it looks at its timer.
    #[tokio::test(start_paused = true)]
    async fn a_flood_does_not_hold_it_up() {
        let (mut timer, deadline) = (Timer::default(), Instant::now() + Duration::from_secs(1));
        let mut turns = 0;
        poll_fn(|cx| {
            turns += 1;
            assert!(turns < 10, "it has not fired");
            while has_budget_remaining() {
                let _ = pin!(consume_budget()).poll(cx);
            }
            timer.poll(cx, Some(deadline))
        })
        .await;
        assert_eq!(Instant::now(), deadline);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_of_two_moments_and_the_delay_of_equal_ones() {
        let begun = Instant::now();
        let after = |seconds: Option<u64>| seconds.map(|seconds| begun + Duration::from_secs(seconds));
        let table = [
            (Some(1), None, 1, Which::Delay),
            (None, Some(2), 2, Which::Silence),
            (Some(4), Some(3), 3, Which::Silence),
            (Some(4), Some(5), 4, Which::Delay),
            (Some(6), Some(6), 6, Which::Delay),
            // Long past.
            (Some(2), Some(1), 6, Which::Silence),
        ];
        let mut timer = Timer::default();
        for (delay, silence, lasted, which) in table {
            let first = poll_fn(|cx| timer.first(cx, after(delay), after(silence))).await;
            assert_eq!((first, begun.elapsed().as_secs()), (which, lasted), "{delay:?} {silence:?}");
        }
        let endless = poll_fn(|cx| Poll::Ready(timer.first(cx, None, None))).await;
        assert_eq!(endless, Poll::Pending);
    }
}
