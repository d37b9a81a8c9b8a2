//! The meter of a session or exchange, to which every event is reported once.
//!
//! From these events the meter keeps the counters of the process, the listener, the frontend, the backend and the
//! server (`tallying`), and makes the one record that logs, statistics and events read (`recording`). `known` has its
//! getters.
//!
//! ```text
//!  began ─ request ─ routed ─ chosen ─ waited ─ has room ─ trying ─ connected ─ answered ─ ended ─ finish
//!                               ▲                             │
//!                               └── retried, redispatched ◄───┘ failed
//! ```

mod known;
mod recording;
mod tallying;

use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::carriers::Carriers;
use proto_core::error::ConnectError;
use proto_core::info::ConnectionInfo;
use proxy_relay::{Ended, Outcome, Side};
use proxy_rules::record::QueuePositions;
use tokio::time::Instant;

use super::began::Began;
use super::cookies::CookieTrace;
use super::observed::{Ingress, ObservedBackend, ObservedServer};
use super::tally::Count;
use super::termination::{Cause, Stage, Termination};
use super::waited::Waited;
use super::worker::WorkerView;
use crate::policy::LogMoment;

pub(crate) use recording::RecordInputs;

/// The meter of one session or exchange.
#[derive(Debug)]
pub(crate) struct Meter {
    view: Rc<WorkerView>,
    ingress: Arc<Ingress>,
    began: Began,
    /// When the search for a server began, from which the time in the queue counts.
    wanted: Instant,
    backend: Option<Present>,
    server: Option<Arc<ObservedServer>>,
    /// The name of the service that answers in place of a server.
    service: Option<&'static str>,
    address: Option<Address>,
    queued: Option<Duration>,
    queue_positions: QueuePositions,
    retries: u32,
    redispatched: bool,
    error: Option<Box<ConnectError>>,
    /// The first failure, which becomes the reason of the end.
    first_failure: Option<Termination>,
    /// Whether no server could be reached.
    is_unreachable: bool,
    connected: Option<Instant>,
    /// How the connection to the server failed.
    broken: Option<io::ErrorKind>,
    /// What carries the connection to the server.
    carriers: Option<ServerCarriers>,
    http: Option<Box<HttpFacts>>,
    status: Option<u16>,
    answered: Option<Instant>,
    server_info: Option<Box<ConnectionInfo>>,
    /// The proxy's own address towards the server.
    own_address: Option<Box<Address>>,
    bytes: (u64, u64),
    /// Whether its connection to the server was used before.
    is_reuse: bool,
    /// What persistence cookies did.
    pub(crate) cookies: CookieTrace,
    /// Whether a rule has denied it.
    is_denied: bool,
    termination: Termination,
    /// When it ended, once it has.
    ended: Option<Instant>,
    /// Whether the record was made, or is not wanted.
    is_reported: bool,
}

/// What is known of an HTTP exchange only.
#[derive(Debug, Default)]
struct HttpFacts {
    /// The request line as received.
    line: Vec<u8>,
    /// When the head of the request was complete.
    received: Option<Instant>,
    /// Whether a tarpit holds it, or has held it.
    is_held: bool,
}

/// A session in the count of its backend, for as long as this value lives.
#[derive(Debug)]
struct Present(Arc<ObservedBackend>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.counters.left();
    }
}

/// What carries a connection to a server. Most are plain TCP, so the size of this in every session is kept small.
#[derive(Clone, Debug)]
pub(crate) enum ServerCarriers {
    /// This transport, with nothing to report beyond its name.
    Plain(&'static str),
    /// Anything else.
    Other(Box<Carriers>),
}

impl ServerCarriers {
    fn of(carriers: Carriers) -> ServerCarriers {
        match carriers.is_plain() {
            true => ServerCarriers::Plain(carriers.transport),
            false => ServerCarriers::Other(Box::new(carriers)),
        }
    }
}

/// Formats it in one word, as [`Carriers`].
impl fmt::Display for ServerCarriers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServerCarriers::Plain(transport) => f.write_str(transport),
            ServerCarriers::Other(carriers) => carriers.fmt(f),
        }
    }
}

impl Meter {
    /// Makes the meter of a session of mode tcp.
    pub(crate) fn session(view: &Rc<WorkerView>, ingress: &Arc<Ingress>, began: Began) -> Meter {
        Meter {
            view: Rc::clone(view),
            ingress: Arc::clone(ingress),
            began,
            wanted: began.since,
            backend: None,
            server: None,
            service: None,
            address: None,
            queued: None,
            queue_positions: QueuePositions::default(),
            retries: 0,
            redispatched: false,
            error: None,
            first_failure: None,
            is_unreachable: false,
            connected: None,
            broken: None,
            carriers: None,
            http: None,
            status: None,
            answered: None,
            server_info: None,
            own_address: None,
            bytes: (0, 0),
            is_reuse: false,
            cookies: CookieTrace::default(),
            is_denied: false,
            termination: Termination::NORMAL,
            ended: None,
            is_reported: false,
        }
    }

    /// Makes the meter of an HTTP exchange.
    pub(crate) fn exchange(view: &Rc<WorkerView>, ingress: &Arc<Ingress>, began: Began) -> Meter {
        Meter { http: Some(Box::default()), ..Meter::session(view, ingress, began) }
    }

    /// Resets the meter for the next exchange, which may be another client's. Allocations are kept.
    pub(crate) fn restart(&mut self, ingress: &Arc<Ingress>, began: Began) {
        let mut http = self.http.take();
        if let Some(http) = &mut http {
            http.line.clear();
            (http.received, http.is_held) = (None, false);
        }
        let view = Rc::clone(&self.view);
        *self = Meter { http, ..Meter::session(&view, ingress, began) };
    }

    /// Records that the head of a request is complete. `line` is called for the request line, if a log needs it.
    pub(crate) fn request_received(&mut self, now: Instant, line: impl FnOnce(&mut Vec<u8>)) {
        self.wanted = now;
        if let Some(tally) = self.view.tally(&self.ingress.frontend.tallies) {
            tally.add(Count::Requests);
        }
        let log = self.ingress.frontend.log.moment;
        let http = self.http.get_or_insert_default();
        http.received = Some(now);
        if log != LogMoment::Never {
            line(&mut http.line);
        }
    }

    /// Records that rules have waited for more of the request: the time in which the request came ends now.
    pub(crate) fn request_held(&mut self, now: Instant) {
        self.wanted = now;
        self.http.get_or_insert_default().received = Some(now);
    }

    /// Records that what came is not a complete request. Without its line, the log shows that nothing came.
    pub(crate) fn request_incomplete(&mut self, keeps_line: bool) {
        if let Some(http) = &mut self.http {
            http.received = None;
            if !keeps_line {
                http.line.clear();
            }
        }
    }

    /// Records that a rule holds it in a tarpit.
    pub(crate) fn held(&mut self) {
        self.http.get_or_insert_default().is_held = true;
    }

    /// Records the choice of a backend.
    pub(crate) fn routed(&mut self, backend: &Arc<ObservedBackend>) {
        backend.counters.arrived();
        self.backend = Some(Present(Arc::clone(backend)));
    }

    /// Records the choice of a server, the first one or another after a failed attempt or a queue that was left; `None`
    /// if any server will do, or there is none.
    pub(crate) fn chosen(&mut self, server: Option<&Arc<ObservedServer>>) {
        let before = std::mem::replace(&mut self.server, server.cloned());
        let (Some(before), Some(Present(backend))) = (before, &self.backend) else { return };
        if server.is_some_and(|server| server.id == before.id) {
            before.counters.retried();
            backend.counters.retried();
        } else {
            self.redispatched = true;
            self.cookies.redispatched();
            before.counters.redispatched();
            backend.counters.redispatched();
        }
    }

    /// Records that a session that waited for any server got a slot of this one.
    pub(crate) fn called_to(&mut self, server: &Arc<ObservedServer>) {
        self.server = Some(Arc::clone(server));
    }

    /// Records that it waited in a queue, and its position when it joined.
    pub(crate) fn waited(&mut self, queue: Waited, position: u64) {
        match queue {
            Waited::InBackend => self.queue_positions.backend += position,
            Waited::AtServer => self.queue_positions.server += position,
        }
    }

    /// Records the end of the time in queues: it has a slot, or gives up.
    pub(crate) fn queue_ended(&mut self, now: Instant) {
        self.queued = Some(now.saturating_duration_since(self.wanted));
    }

    /// Records the address at which its server is connected to.
    pub(crate) fn trying(&mut self, address: Address) {
        self.address = Some(address);
    }

    /// Records an attempt to connect that failed.
    pub(crate) fn connect_failed(&mut self, error: ConnectError, termination: Termination) {
        self.error = Some(Box::new(error));
        self.first_failure.get_or_insert(termination);
    }

    /// Records that another attempt follows one that failed. Its server is recorded by [`chosen`](Self::chosen), or by
    /// [`same_server`](Self::same_server).
    pub(crate) fn attempt_again(&mut self) {
        self.retries += 1;
    }

    /// Records that a request is sent again: the results of the first time do not count.
    pub(crate) fn send_again(&mut self) {
        self.retries += 1;
        (self.connected, self.broken, self.answered, self.status) = (None, None, None, None);
        self.is_reuse = false;
        (self.carriers, self.server_info, self.own_address) = (None, None, None);
    }

    /// Records that the attempt goes to the same server.
    pub(crate) fn same_server(&mut self) {
        if let Some(server) = &self.server {
            server.counters.retried();
        }
        if let Some(Present(backend)) = &self.backend {
            backend.counters.retried();
        }
    }

    /// Records that no server was reached. Returns the reason of the end: the first failure.
    pub(crate) fn unreachable(&mut self, termination: Termination) -> Termination {
        if let Some(server) = &self.server {
            server.counters.failed();
        }
        if let Some(Present(backend)) = &self.backend {
            backend.counters.failed();
        }
        self.is_unreachable = true;
        *self.first_failure.get_or_insert(termination)
    }

    /// Records that a service answers in place of a server, at once.
    pub(crate) fn served_by(&mut self, service: &'static str) {
        let now = Instant::now();
        self.queue_ended(now);
        (self.service, self.connected, self.answered) = (Some(service), Some(now), Some(now));
    }

    /// Records an attempt to make a connection to its server.
    pub(crate) fn connecting(&mut self) {
        self.tally_connect();
    }

    /// Records that it uses a connection to its server that exists already.
    pub(crate) fn reuses(&mut self) {
        self.is_reuse = true;
    }

    /// Records that a rule denies the request, or the response.
    pub(crate) fn denied(&mut self) {
        self.is_denied = true;
    }

    /// Records that it has a connection to its server.
    pub(crate) fn connected(&mut self, now: Instant, carriers: Carriers) {
        self.connected = Some(now);
        self.carriers = Some(ServerCarriers::of(carriers));
    }

    /// Records that the connection to its server failed.
    pub(crate) fn server_broke(&mut self, kind: io::ErrorKind) {
        self.broken = Some(kind);
    }

    /// Records that the head of a response has arrived.
    pub(crate) fn answered(&mut self, now: Instant, status: u16) {
        self.answered = Some(now);
        self.status = Some(status);
    }

    /// Records that what came is not a response.
    pub(crate) fn answer_withdrawn(&mut self) {
        self.answered = None;
    }

    /// Records the status that is sent to the client, or that the log line shows if none is sent.
    pub(crate) fn status(&mut self, status: u16) {
        self.status = Some(status);
    }

    /// Records that nothing of the reply has been sent to the client.
    pub(crate) fn nothing_said(&mut self) {
        self.status = None;
    }

    /// Records what is known of the server's connection.
    pub(crate) fn server_is(&mut self, info: ConnectionInfo) {
        self.server_info = Some(Box::new(info));
    }

    /// Records the proxy's own address on its connection to the server.
    pub(crate) fn comes_from(&mut self, own_address: Address) {
        self.own_address = Some(Box::new(own_address));
    }

    /// Records the bytes so far: from the client, and to it.
    pub(crate) fn moved(&mut self, from_client: u64, to_client: u64) {
        self.bytes = (from_client, to_client);
    }

    /// Records that its connections were relayed, and how that ended; `killed` is why, if it was killed.
    pub(crate) fn relayed(&mut self, outcome: &Outcome, killed: Cause) {
        if let Ended::Failed { side: Side::Server, error, .. } = &outcome.ended {
            self.server_broke(error.kind());
        }
        self.ended(match &outcome.ended {
            Ended::Killed => Termination::new(killed, Stage::Data),
            _ => Termination::of(outcome),
        });
    }

    /// Records how it ended.
    pub(crate) fn ended(&mut self, termination: Termination) {
        self.termination = termination;
    }

    /// Records that it no longer counts for its backend.
    pub(crate) fn left(&mut self) {
        self.backend = None;
    }

    /// Leaves it out of the logs.
    pub(crate) fn keep_silent(&mut self) {
        self.is_reported = true;
    }

    /// Counts it at its end.
    pub(crate) fn finish(&mut self) {
        let (from_client, to_client) = self.bytes;
        self.view.counters.session_ended(!self.is_unreachable, from_client, to_client);
        self.ingress.listener.counters.moved(from_client, to_client);
        if let Some(server) = &self.server {
            server.counters.moved(from_client, to_client);
        }
        self.tally();
    }

    /// Returns whether a record will be made of what happens next.
    pub(crate) fn wants_record(&self) -> bool {
        !self.is_reported && self.ingress.frontend.log.wants_sessions()
    }

    /// Returns whether a record is to be made now; it is not asked for again.
    pub(crate) fn begin_report(&mut self) -> bool {
        let wanted = self.wants_record();
        self.is_reported |= wanted;
        wanted
    }
}
