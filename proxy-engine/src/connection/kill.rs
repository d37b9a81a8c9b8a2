//! Ends a connection, session or exchange from outside: for a command of the operator, or because of its server.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::observe::Cause;

/// A switch that tells a task to end. The task polls it; anything on the same worker may set it.
#[derive(Default)]
pub(crate) struct KillSwitch {
    killed: Cell<Option<Cause>>,
    waker: Cell<Option<Waker>>,
}

impl KillSwitch {
    /// Tells the task to end. The first cause counts.
    pub(crate) fn kill(&self, cause: Cause) {
        self.killed.set(self.killed.get().or(Some(cause)));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Resets the switch, for an activity whose memory is reused.
    pub(crate) fn reset(&self) {
        self.killed.set(None);
        self.waker.set(None);
    }

    /// Returns why the task has to end.
    pub(crate) fn cause(&self) -> Cause {
        self.killed.get().unwrap_or(Cause::Killed)
    }

    /// Ready once the task has to end.
    pub(crate) fn poll_killed(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.killed.get().is_some() {
            return Poll::Ready(());
        }
        let known = self.waker.take().filter(|known| known.will_wake(cx.waker()));
        self.waker.set(known.or_else(|| Some(cx.waker().clone())));
        Poll::Pending
    }

    /// Polls a future until the task has to end, which yields `None`.
    ///
    /// The caller pins it: a future that is moved into another one takes its space twice.
    pub(crate) fn guard<'g, F: Future>(&'g self, future: Pin<&'g mut F>) -> Guarded<'g, F> {
        Guarded { switch: self, future }
    }
}

impl fmt::Debug for KillSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KillSwitch").field("killed", &self.killed.get()).finish_non_exhaustive()
    }
}

/// A future that ends when its task has to.
#[derive(Debug)]
pub(crate) struct Guarded<'g, F> {
    switch: &'g KillSwitch,
    future: Pin<&'g mut F>,
}

impl<F: Future> Future for Guarded<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // A killed task makes no more progress, even if it could.
        if self.switch.poll_killed(cx).is_ready() {
            return Poll::Ready(None);
        }
        self.future.as_mut().poll(cx).map(Some)
    }
}
