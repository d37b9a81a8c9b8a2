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

impl Timer {
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
}
