//! Waits on behalf of a client, for a slot or a connection, until a deadline or until the client leaves.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use proto_core::address::Address;
use proto_core::options::SocketOption;
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::balance::Requester;
use crate::exchange::error::Departure;
use crate::observe::{Cause, Stage, Termination};

/// Why a wait ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupted {
    /// The deadline has passed.
    TimedOut,
    /// The client has left.
    ClientLeft(Departure),
    /// The client was silent for too long.
    ClientTimedOut,
}

impl Interrupted {
    /// Returns how the session ends if its client ended the wait, and `None` if the deadline did. A broken connection
    /// is attributed to the data phase, where HAProxy notices it.
    pub(super) fn by_client(self, stage: Stage) -> Option<Termination> {
        match self {
            Interrupted::TimedOut => None,
            Interrupted::ClientLeft(Departure::Closed) => Some(Termination::new(Cause::Client, stage)),
            Interrupted::ClientLeft(Departure::Broke) => Some(Termination::new(Cause::Client, Stage::Data)),
            Interrupted::ClientLeft(Departure::Malformed) => Some(Termination::new(Cause::Proxy, stage)),
            Interrupted::ClientLeft(Departure::NoMemory) => Some(Termination::new(Cause::Resource, stage)),
            Interrupted::ClientTimedOut => Some(Termination::new(Cause::ClientTimeout, stage)),
        }
    }
}

/// The client's side of a session or exchange that is looking for a server.
pub(crate) trait Downstream {
    /// Returns the client's address.
    fn source(&self) -> &Address;

    /// Returns the address that the client connected to. May make a system call.
    fn destination(&self) -> Address;

    /// Returns the options to set on the socket to the server before it connects.
    fn server_options(&self) -> &[SocketOption];

    /// Returns the input of balancing algorithms.
    fn requester(&self) -> Requester<'_>;

    /// Ready once the client has left.
    fn poll_departure(&mut self, cx: &mut Context<'_>) -> Poll<Departure>;

    /// Returns the moment at which the client will have been silent for too long, if it has a limit.
    fn silence_ends(&self) -> Option<Instant>;
}

pin_project! {
    /// The future of [`wait`]. An `async fn` would store its arguments and its variables, and every session has space
    /// for this.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Wait<'a, C, F> {
        client: &'a mut C,
        what: Pin<&'a mut F>,
        deadline: Option<Instant>,
        look_from: Instant,
        // Created when it is first needed: most waits end before.
        #[pin]
        timer: Option<Sleep>,
        armed: Option<Instant>,
        is_looking: bool,
    }
}

/// Waits for `what`, until a deadline or until the client leaves.
///
/// The caller pins `what`: a future that is moved into another one takes its space twice.
///
/// The client is watched only from `look_from` on: that takes a read, which a wait that ends at once should not cost.
pub(crate) fn wait<'a, C: Downstream, F: Future>(
    client: &'a mut C,
    what: Pin<&'a mut F>,
    deadline: Option<Instant>,
    look_from: Instant,
) -> Wait<'a, C, F> {
    Wait { client, what, deadline, look_from, timer: None, armed: None, is_looking: false }
}

impl<C: Downstream, F: Future> Future for Wait<'_, C, F> {
    type Output = Result<F::Output, Interrupted>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(done) = this.what.as_mut().poll(cx) {
            return Poll::Ready(Ok(done));
        }
        let (deadline, look_from) = (*this.deadline, *this.look_from);
        loop {
            if *this.is_looking
                && let Poll::Ready(departure) = this.client.poll_departure(cx)
            {
                return Poll::Ready(Err(Interrupted::ClientLeft(departure)));
            }
            let silence = this.client.silence_ends();
            let look = (!*this.is_looking).then_some(look_from);
            let Some(next) = [deadline, silence, look].into_iter().flatten().min() else {
                return Poll::Pending;
            };
            if *this.armed != Some(next) {
                this.timer.set(Some(sleep_until(next)));
                *this.armed = Some(next);
            }
            // Without the task's budget, which reading uses up: a client that keeps sending must not outlast a limit.
            let is_early = |timer| pin!(unconstrained(timer)).poll(cx).is_pending();
            if this.timer.as_mut().as_pin_mut().is_none_or(is_early) {
                return Poll::Pending;
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Poll::Ready(Err(Interrupted::TimedOut));
            }
            if silence.is_some_and(|ends| ends <= now) {
                if *this.is_looking {
                    return Poll::Ready(Err(Interrupted::ClientTimedOut));
                }
                // The client may have sent something that was not read yet.
                *this.is_looking = true;
            }
            *this.is_looking |= look_from <= now;
            *this.armed = None;
        }
    }
}
