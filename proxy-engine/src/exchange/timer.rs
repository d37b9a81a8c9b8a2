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
