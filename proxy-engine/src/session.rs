//! A session: one client connection, from its acceptance to its end.

use std::time::SystemTime;

use proto_core::address::Address;
use proto_core::error::ConnectError;
use proto_core::protocol::connect_within;
use proto_core::spec::Target;
use proto_core::stream::Stream;
use proxy_relay::{Control, relay};
use tokio::time::Instant;

use crate::dispatch::Job;
use crate::observer::{SessionRecord, SessionResult};
use crate::worker::Worker;

/// Connects to the server and relays. The slot and the load of the worker are held until both sides are let go of.
pub(crate) async fn run(worker: &Worker, job: Job) {
    let Job { service, incoming, slot: _slot, load: _load } = job;
    let (begun, accepted) = (Instant::now(), SystemTime::now());
    let Ok(mut client) = incoming.into_stream() else {
        worker.counters.accept_error();
        return;
    };
    let tell = |client: &dyn Stream, result: SessionResult<'_>| {
        if worker.observer.wants_sessions() {
            worker.observer.session(&SessionRecord {
                service: &service.name,
                accepted,
                client: client.peer_addr(),
                listener: client.local_addr(),
                client_info: client.info(),
                lasted: begun.elapsed(),
                result,
            });
        }
    };
    let not_connected = |client: &dyn Stream, server: Option<Address>, error: Option<&ConnectError>| {
        worker.counters.session_ended(false, 0, 0);
        tell(client, SessionResult::NotConnected { server, error });
    };
    let Some(address) = service.server.address_for(&*client) else {
        return not_connected(&*client, None, None);
    };
    let target = Target { client: Some(client.peer_addr()), ..Target::new(address.clone()) };
    let mut server = match connect_within(&*service.server.connector, &target, service.timeouts.connect).await
    {
        Ok(server) => server,
        Err(error) => return not_connected(&*client, Some(address), Some(&error)),
    };
    let connecting = begun.elapsed();

    let control = Control::new();
    let outcome = relay(&mut *client, &mut *server, &service.timeouts.relay, &worker.scratch, &control).await;

    worker.counters.session_ended(true, outcome.to_server.bytes, outcome.to_client.bytes);
    if worker.observer.wants_sessions() {
        let server_info = server.info();
        tell(
            &*client,
            SessionResult::Relayed { server: address, connecting, server_info, outcome: &outcome },
        );
    }
    outcome.close(client, server);
}
