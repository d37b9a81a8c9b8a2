//! Connections that wait to be accepted, and connections for which there is no room.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::super::harness::{block_on, step};
use super::super::listening::{Listening, bind, bind_as, connector};
use super::super::{Ended, Subject, sys};
use crate::address::Address;
use crate::error::{ConnectError, ConnectFailure};
use crate::family::Family;
use crate::options::SocketOption;
use crate::protocol::connect_within;
use crate::spec::{BindSpec, Target};
use crate::stream::Stream;

/// The deadline of a connect to a full backlog.
const LIMIT: Duration = Duration::from_millis(400);

/// The most connections for which a backlog of 1 has room: systems add a few, or round up.
const FULL: usize = 64;

/// The fewest connections for which the default backlog has room: a burst of this size is usual.
const BURST: usize = 32;

/// Prepares the separate network of the case, whose loopback is down; only transports of the Internet need it.
fn network(subject: &Subject) {
    if subject.protocol.descriptor().families.iter().any(|family| Family::INTERNET.contains(family)) {
        sys::loopback_up().expect("the namespace is ours");
    }
}

/// Connects, without accepting, until an attempt fails.
async fn fill(subject: &Subject, address: &Address) -> (Vec<Box<dyn Stream>>, ConnectError) {
    let connector = connector(subject, address);
    let target = Target::new(address.clone());
    let mut inside = Vec::new();
    loop {
        step(format!("connect to a backlog of 1 with {} connections that are not accepted", inside.len()));
        assert!(inside.len() < FULL, "{FULL} connections wait in a backlog of 1: it is never full");
        let started = Instant::now();
        match connect_within(&*connector, &target, LIMIT).await {
            Ok(stream) => inside.push(stream),
            Err(error) => {
                let took = started.elapsed();
                assert!(
                    took < LIMIT * 4,
                    "the error came after {took:?}: the deadline of {LIMIT:?} was not kept"
                );
                return (inside, error);
            }
        }
    }
}

pub(super) fn black_hole(subject: &Subject) -> Ended {
    network(subject);
    block_on(async {
        let listening = Listening::with(subject, [SocketOption::Backlog(1)]);
        let (_inside, error) = fill(subject, &listening.address).await;
        assert_eq!(error.failure(), ConnectFailure::TimedOut, "{error}");
        assert!(
            error.to_string().contains(&listening.address.to_string()),
            "the error names the address: {error}"
        );
    });
    Ended::Passed
}

pub(super) fn the_backlog_is_kept(subject: &Subject) -> Ended {
    network(subject);
    block_on(async {
        let (socket, warnings) = bind(subject, [SocketOption::Backlog(1)]);
        if let Some(warning) = warnings.first() {
            return Ended::DoesNotApply(warning.to_string());
        }
        let taken_over = socket.as_fd().map(|fd| fd.try_clone_to_owned().expect("a duplicate"));
        let listening = Listening::of(subject, socket);
        let (_inside, _error) = fill(subject, &listening.address).await;
        if let Some(socket) = taken_over {
            keeps_listening(subject, &listening, socket).await;
        }

        let listening = Listening::start(subject);
        let connector = connector(subject, &listening.address);
        let target = Target::new(listening.address.clone());
        let mut inside = Vec::new();
        for count in 0..BURST {
            step(format!("connect with {count} connections in the default backlog"));
            let stream = connect_within(&*connector, &target, LIMIT).await;
            inside.push(
                stream
                    .unwrap_or_else(|error| panic!("{count} connections fill the default backlog: {error}")),
            );
        }
        Ended::Passed
    })
}

/// Takes over a socket that listens with a full backlog of 1, by a line with the default backlog: if it was made to
/// listen again, there would be room.
async fn keeps_listening(subject: &Subject, listening: &Listening, socket: OwnedFd) {
    step("take over a socket that listens");
    let spec = BindSpec { socket: Some(socket), ..subject.bind_spec(listening.bound.clone()) };
    let Ok(bound) = bind_as(subject, spec) else { return };
    let second = Listening::of(subject, bound.socket);
    step("connect to the full backlog of a socket that was taken over listening");
    let connector = connector(subject, &second.address);
    let target = Target::new(second.address.clone());
    let result = connect_within(&*connector, &target, LIMIT).await;
    assert!(
        result.is_err(),
        "a full backlog has room after the socket was taken over: it was made to listen again"
    );
}
