//! A session: one client connection, from its acceptance to its end.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use proto_core::error::{ConnectError, ConnectFailure};
use proto_core::info::ConnectionInfo;
use proto_core::spec::Target;
use proto_core::stream::Stream;
use proxy_relay::{Control, relay};
use tokio::time::{Instant, timeout};

use crate::dispatch::Job;
use crate::observer::{SessionRecord, SessionResult};
use crate::service::Destination;
use crate::slots::Taken;
use crate::worker::Worker;

/// How long a session without a descriptor for its server waits for the end of another one before it looks again.
const RETRY: Duration = Duration::from_millis(100);

/// Connects to the server and relays. The slot and the load of the worker are held until both sides are let go of.
pub(crate) async fn run(worker: &Worker, job: Job) {
    let Job { destination, incoming, slot, load: _load } = job;
    let (begun, accepted) = (Instant::now(), SystemTime::now());
    let Ok(mut client) = incoming.into_stream() else {
        worker.counters.accept_error();
        return;
    };
    let wanted = worker.observer.wants_sessions();
    let tell = |client: &dyn Stream, client_info: ConnectionInfo, result: SessionResult<'_>| {
        worker.observer.session(&SessionRecord {
            service: &destination.name,
            accepted,
            client: client.peer_addr(),
            listener: client.local_addr(),
            client_info,
            lasted: begun.elapsed(),
            result,
        });
    };
    let not_connected = |client: &dyn Stream, server: Option<Address>, error: Option<&ConnectError>| {
        worker.counters.session_ended(false, 0, 0);
        if wanted {
            tell(client, client.info(), SessionResult::NotConnected { server, error });
        }
    };
    let Some(address) = destination.server.address_for(&*client) else {
        return not_connected(&*client, None, None);
    };
    let target = Target { client: Some(client.peer_addr()), ..Target::new(address.clone()) };
    let mut server = match connect(&destination, &target, &slot).await {
        Ok(server) => server,
        Err(error) => return not_connected(&*client, Some(address), Some(&error)),
    };
    let connecting = begun.elapsed();

    let control = Control::new();
    let seen = Rc::new(Cell::new(None));
    if wanted {
        let seen = Rc::clone(&seen);
        control.at_first_fin(move |client, server| seen.set(Some((client.info(), server.info()))));
    }
    let limits = &destination.timeouts.relay;
    let outcome = relay(&mut *client, &mut *server, limits, &worker.scratch, &control).await;

    worker.counters.session_ended(true, outcome.to_server.bytes, outcome.to_client.bytes);
    if wanted {
        let (client_info, server_info) = seen.take().unwrap_or_else(|| (client.info(), server.info()));
        let result = SessionResult::Relayed { server: address, connecting, server_info, outcome: &outcome };
        tell(&*client, client_info, result);
    }
    outcome.close(client, server);
}

/// Connects. If the process has run out of descriptors or memory it waits for the end of other sessions, for as long as
/// connecting may take; nothing is accepted meanwhile.
async fn connect(
    destination: &Destination,
    target: &Target,
    slot: &Taken,
) -> Result<Box<dyn Stream>, ConnectError> {
    let limit = destination.timeouts.connect;
    let mut exhausted = None;
    let attempts = async {
        let mut starving = None;
        loop {
            let mut attempt = destination.server.connector.connect(target);
            // The first step takes what there may be none of; waiting for the server takes nothing more.
            let begun = poll_fn(|cx| Poll::Ready(attempt.as_mut().poll(cx))).await;
            let result = match begun {
                Poll::Ready(result) => result,
                Poll::Pending => {
                    drop(starving.take());
                    attempt.await
                }
            };
            match result {
                Err(error) if error.failure() == ConnectFailure::Exhausted => {
                    exhausted = Some(error);
                    starving.get_or_insert_with(|| slot.starve());
                    let _ = timeout(RETRY, slot.another_ended()).await;
                }
                result => return result,
            }
        }
    };
    let ended = timeout(limit, attempts).await;
    ended
        .unwrap_or_else(|_| Err(exhausted.unwrap_or_else(|| ConnectError::timed_out(&target.address, limit))))
}
