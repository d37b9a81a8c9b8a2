//! A session: one client connection, from its acceptance to its end.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use proto_core::info::ConnectionInfo;
use proto_core::protocol::Incoming;
use proto_core::stream::Stream;
use proxy_relay::{Control, Limits, Outcome, relay};
use proxy_rules::Context;
use tokio::time::Instant;

use crate::backend::{Backend, Visit};
use crate::dispatch::Job;
use crate::frontend::{Door, Entered, LogMoment};
use crate::http::{self, Destination, Facts, HttpPolicy};
use crate::reach::{Direct, Journey};
use crate::record::{Accepted, Concurrent, SessionRecord, Timers};
use crate::switching::Switching;
use crate::termination::{Cause, Stage, Termination};
use crate::watch::{Client as _, WaitingClient};
use crate::worker::Worker;

/// Leads a client to a server and relays. What the connection takes of the process's limits is held until both sides
/// are let go of.
pub(crate) async fn run(worker: &Worker, job: Job) {
    let Job { entered: Entered(ref door), incoming, ref taken, .. } = job;
    let (begun, accepted) = (Instant::now(), SystemTime::now());
    let Some(client) = enter(worker, door, incoming) else { return };
    let frontend = &door.frontend;
    let chosen = frontend.switching.as_ref().and_then(|switching| choose(worker, door, switching, &*client));
    let backend = chosen.or(frontend.backend.as_ref());
    let mut session = Session {
        worker,
        door,
        backend,
        accepted,
        begun,
        journey: Journey::new(begun),
        visit: backend.map(Visit::of),
        connecting: None,
    };
    let mut client = WaitingClient::new(client, begun, frontend.client.inactivity);
    let reached = match backend {
        Some(backend) => session.journey.reach(backend, &mut client, &mut Direct, taken).await,
        None => Err(Termination::new(Cause::Server, Stage::Connect)),
    };
    match reached {
        Ok(server) => session.relay(client.into_stream(), server).await,
        Err(termination) => session.not_connected(&client, termination),
    }
}

/// Serves a client that speaks HTTP. A task of its own kind, since it takes more room.
pub(crate) async fn run_http(worker: &Worker, job: Job, config: &Arc<HttpPolicy>) {
    let Job { entered: Entered(ref door), incoming, ref taken, .. } = job;
    let begun = Instant::now();
    if let Some(client) = enter(worker, door, incoming) {
        http::serve(worker, door, config, taken, client, begun).await;
    }
}

/// The connection, on this worker.
fn enter(worker: &Worker, door: &Door, incoming: Box<dyn Incoming>) -> Option<Box<dyn Stream>> {
    let Ok(client) = incoming.into_stream() else {
        worker.counters.accept_error();
        return None;
    };
    let frontend = &door.frontend;
    for option in &frontend.options {
        // What this kind of socket does not have it goes without.
        let _ = client.set_option(option);
    }
    if frontend.log.moment == LogMoment::Accepted {
        let (client, destination) = (client.peer_addr(), client.local_addr());
        worker.observer.accepted(&Accepted { frontend, listener: &door.listener, client, destination });
    }
    Some(client)
}

/// The backend that the rules of the frontend lead to.
fn choose<'a>(
    worker: &Worker,
    door: &Door,
    switching: &'a Switching,
    stream: &dyn Stream,
) -> Option<&'a Arc<Backend>> {
    let (source, destination) = (stream.peer_addr(), Destination::default());
    let (source, destination) = (&source, &destination);
    let facts = Facts {
        source,
        destination,
        door,
        backend: None,
        server: None,
        is_first_request: true,
        is_server_connection_reused: None,
        stream,
    };
    let (mut variables, mut scratch) = (worker.http.variables(), worker.http.scratch.take());
    let chosen = switching.choose(&mut Context::new(&facts, &mut variables, &mut scratch));
    worker.http.scratch.replace(scratch);
    chosen
}

struct Session<'a> {
    worker: &'a Worker,
    door: &'a Door,
    backend: Option<&'a Arc<Backend>>,
    accepted: SystemTime,
    begun: Instant,
    journey: Journey,
    visit: Option<Visit<'a>>,
    connecting: Option<std::time::Duration>,
}

/// What a record says that only its occasion knows.
struct Occasion<'a> {
    termination: Termination,
    is_early: bool,
    bytes: (u64, u64),
    outcome: Option<&'a Outcome>,
    /// If they are wanted.
    infos: (Option<ConnectionInfo>, Option<ConnectionInfo>),
}

impl Session<'_> {
    fn not_connected(&mut self, client: &WaitingClient, termination: Termination) {
        let sent = client.sent() as u64;
        self.worker.counters.session_ended(false, sent, 0);
        self.count_bytes(sent, 0);
        self.visit = None;
        let log = &self.door.frontend.log;
        if matches!(log.moment, LogMoment::Ended | LogMoment::Connected) {
            let info = log.connections.then(|| client.stream().info());
            self.tell(
                client.stream(),
                Occasion {
                    termination,
                    is_early: false,
                    bytes: (sent, 0),
                    outcome: None,
                    infos: (info, None),
                },
            );
        }
    }

    async fn relay(&mut self, mut client: Box<dyn Stream>, mut server: Box<dyn Stream>) {
        self.connecting = Some(self.begun.elapsed());
        let log = &self.door.frontend.log;
        if log.moment == LogMoment::Connected {
            let infos = match log.connections {
                true => (Some(client.info()), Some(server.info())),
                false => (None, None),
            };
            let termination = Termination::NORMAL;
            let occasion = Occasion { termination, is_early: true, bytes: (0, 0), outcome: None, infos };
            self.tell(&*client, occasion);
        }

        let control = Control::new();
        let seen = Rc::new(Cell::new(None));
        let looks = log.moment == LogMoment::Ended && log.connections;
        if looks {
            let seen = Rc::clone(&seen);
            control.at_first_fin(move |client, server| seen.set(Some((client.info(), server.info()))));
        }
        let limits = self.limits();
        let outcome = relay(&mut *client, &mut *server, &limits, &self.worker.scratch, &control).await;

        let bytes = (outcome.to_server.bytes, outcome.to_client.bytes);
        self.worker.counters.session_ended(true, bytes.0, bytes.1);
        self.count_bytes(bytes.0, bytes.1);
        self.visit = None;
        if log.moment == LogMoment::Ended {
            let infos = match (looks, seen.take()) {
                (false, _) => (None, None),
                (true, Some((client, server))) => (Some(client), Some(server)),
                (true, None) => (Some(client.info()), Some(server.info())),
            };
            let termination = Termination::of(&outcome);
            let occasion = Occasion { termination, is_early: false, bytes, outcome: Some(&outcome), infos };
            self.tell(&*client, occasion);
        }
        outcome.close(client, server);
        // The server has the connection behind it: its slot may go to the next.
        self.journey.slot = None;
    }

    fn limits(&self) -> Limits {
        let frontend = &self.door.frontend;
        let backend = self.backend.map(|backend| *backend.timeouts()).unwrap_or_default();
        Limits { client: frontend.client, server: backend.server, tunnel: backend.tunnel }
    }

    fn count_bytes(&self, to_server: u64, to_client: u64) {
        self.door.listener.tally.moved(to_server, to_client);
        if let Some(server) = &self.journey.server {
            server.tally().moved(to_server, to_client);
        }
    }

    fn tell(&self, client: &dyn Stream, occasion: Occasion<'_>) {
        let Occasion { termination, is_early, bytes, outcome, infos } = occasion;
        let (Door { frontend, listener }, journey) = (self.door, &self.journey);
        let backend = self.backend.map(|backend| &**backend);
        // At its end a session no longer counts for its server, whose slot it still holds.
        let own = usize::from(!is_early && journey.slot.is_some());
        let concurrent = Concurrent {
            process: self.worker.connections(),
            frontend: frontend.tally.current(),
            backend: backend.map_or(0, |backend| backend.tally().current()),
            server: journey.server.as_ref().map_or(0, |server| server.tally().current().saturating_sub(own)),
        };
        let connect = self.connecting.zip(journey.queued).map(|(connected, queued)| connected - queued);
        let total = if is_early { self.connecting } else { None };
        let timers =
            Timers { queue: journey.queued, connect, total: total.unwrap_or_else(|| self.begun.elapsed()) };
        self.worker.observer.session(&SessionRecord {
            frontend,
            listener,
            backend,
            server: journey.server.as_deref(),
            accepted: self.accepted,
            client: client.peer_addr(),
            server_address: journey.address.clone(),
            timers,
            bytes_to_server: bytes.0,
            bytes_to_client: bytes.1,
            termination,
            is_early,
            retries: journey.retries,
            redispatched: journey.redispatched,
            concurrent,
            places: journey.places,
            connect_error: journey.error.as_ref().filter(|_| self.connecting.is_none()),
            outcome,
            client_info: infos.0,
            server_info: infos.1,
            client_stream: client,
            http: None,
        });
    }
}
