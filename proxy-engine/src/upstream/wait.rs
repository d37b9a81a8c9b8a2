//! Waiting on behalf of a client: for a slot, for a connection, until a deadline, and as long as the client stays.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use proto_core::address::Address;
use tokio::time::{Instant, sleep_until};

use crate::balance::Requester;

/// How a client left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// It closed without having sent anything.
    Closed,
    /// Its connection broke.
    Broke,
    /// It sent nothing for longer than it may.
    TimedOut,
}

/// What a wait came to.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    /// What was waited for.
    Done(T),
    /// The deadline has passed.
    Late,
    /// The client has left.
    Left(Left),
}

/// The client's side of a session or exchange that is led to a server.
pub(crate) trait Downstream {
    /// The client's address.
    fn source(&self) -> &Address;

    /// The address that the client connected to. May ask the system.
    fn destination(&self) -> Address;

    /// What a server is chosen by.
    fn requester(&self) -> Requester<'_>;

    /// Ready once the client has left.
    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<Left>;

    /// When the client will have been silent for too long.
    fn silence_ends(&self) -> Option<Instant>;
}

/// Waits for something, until a deadline, as long as the client stays.
///
/// What is waited for is pinned by the caller: a future that is moved into another takes its room twice.
///
/// The client is looked at from `look_from` on, or not at all: looking reads, and a wait that ends at once
/// should not cost that.
pub(crate) async fn wait<T>(
    client: &mut impl Downstream,
    mut what: Pin<&mut impl Future<Output = T>>,
    deadline: Option<Instant>,
    look_from: Instant,
) -> Outcome<T> {
    let mut timer = pin!(sleep_until(look_from));
    let mut armed = None;
    let mut looking = false;
    poll_fn(|cx| {
        if let Poll::Ready(done) = what.as_mut().poll(cx) {
            return Poll::Ready(Outcome::Done(done));
        }
        loop {
            if looking && let Poll::Ready(left) = client.poll_left(cx) {
                return Poll::Ready(Outcome::Left(left));
            }
            let silence = client.silence_ends();
            let next = [deadline, silence, (!looking).then_some(look_from)].into_iter().flatten().min();
            let Some(next) = next else { return Poll::Pending };
            if armed != Some(next) {
                timer.as_mut().reset(next);
                armed = Some(next);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Poll::Ready(Outcome::Late);
            }
            if silence.is_some_and(|ends| ends <= now) {
                if looking {
                    return Poll::Ready(Outcome::Left(Left::TimedOut));
                }
                // It may have sent something that was not looked at.
                looking = true;
            }
            looking |= look_from <= now;
            armed = None;
        }
    })
    .await
}
