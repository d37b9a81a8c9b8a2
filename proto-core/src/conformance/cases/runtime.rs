//! Calls that need a runtime, calls that must not, and a check that no call blocks its worker.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::super::harness::{block_on, join, spawn, step};
use super::super::listening::{Listening, bind, connector};
use super::super::{Ended, Subject};
use crate::spec::Target;

pub(super) fn every_stage_without_a_runtime(subject: &Subject) -> Ended {
    assert!(tokio::runtime::Handle::try_current().is_err(), "the case has no runtime");
    let (socket, _) = bind(subject, []);
    step("try_clone, without a runtime");
    let (listens, other) =
        (socket.try_clone().expect("it is duplicated"), socket.try_clone().expect("twice"));
    step("publish, without a runtime");
    socket.publish().expect("it is published");
    step("connector, without a runtime");
    let address = (subject.leads_to)(socket.local_addr());
    let connector = connector(subject, &address);

    step("listen, without a runtime");
    // A transport that registers nothing may succeed.
    drop(other.listen());

    step("connect, without a runtime");
    let target = Target::new(address.clone());
    let mut connecting = connector.connect(&target);
    let _ = connecting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    drop(connecting);

    step("accept a connection on another thread");
    let to = address.clone();
    let (incoming, client) = join(spawn(move || {
        block_on(async {
            let listener = listens.listen().expect("it listens");
            let target = Target::new(to);
            let (client, incoming) =
                tokio::join!(connector.connect(&target), crate::protocol::accept(&*listener));
            let client = client.expect("it connects").detach().expect("it detaches");
            (incoming.expect("it accepts"), client)
        })
    }));
    step("into_stream of an accepted connection, without a runtime");
    drop(incoming.into_stream());
    step("into_stream of a detached connection, without a runtime");
    drop(client.into_stream());
    Ended::Passed
}

/// A poll that takes longer has blocked. A busy machine may take this long, but not in every attempt.
const BLOCKED: Duration = Duration::from_millis(200);
const TRIES: usize = 3;

/// Returns the output of a future and its longest poll.
async fn longest_poll<F: Future>(work: F) -> (F::Output, Duration) {
    let mut work = pin!(work);
    let mut longest = Duration::ZERO;
    let output = std::future::poll_fn(|cx| {
        let begun = Instant::now();
        let poll = work.as_mut().poll(cx);
        longest = longest.max(begun.elapsed());
        poll
    });
    let output = output.await;
    (output, longest)
}

pub(super) fn connecting_does_not_block_the_worker(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    let places = [
        Some(("a listener", &listening.address)),
        subject.nobody.as_ref().map(|nobody| ("no listener", nobody)),
    ];
    for (what, address) in places.into_iter().flatten() {
        let connector = connector(subject, address);
        let target = Target::new(address.clone());
        let polls: Vec<Duration> = (0..TRIES)
            .map(|_| {
                step(format!("connect to {what} and measure each poll"));
                block_on(longest_poll(connector.connect(&target))).1
            })
            .collect();
        assert!(polls.iter().min() < Some(&BLOCKED), "polls of connect took {polls:?}: it blocks its worker");
    }
    Ended::Passed
}

/// Polls a future once, with a waker that does nothing.
pub(super) fn poll_once<F: Future + ?Sized>(work: Pin<&mut F>) -> Poll<F::Output> {
    work.poll(&mut Context::from_waker(Waker::noop()))
}
