//! The meter of a session or exchange: whatever happens to it is told here, once.
//!
//! From what it is told the meter keeps the counters of the process, the listener, the frontend, the backend and the
//! server, and makes the one record that logs, statistics and events read (`recording`). `known` is what it is asked for.
//!
//! ```text
//!  began ─ request ─ routed ─ chosen ─ waited ─ has room ─ trying ─ connected ─ answered ─ ended ─ finish
//!                               ▲                             │
//!                               └── retried, redispatched ◄───┘ failed
//! ```

mod known;
mod recording;

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
use super::observed::{Ingress, ObservedBackend, ObservedServer};
use super::termination::Termination;
use super::waited::Waited;
use super::worker::WorkerView;
use crate::policy::LogMoment;

pub(crate) use recording::RecordInputs;

/// Told of all that happens to one session or exchange.
#[derive(Debug)]
pub(crate) struct Meter {
    view: Rc<WorkerView>,
    ingress: Arc<Ingress>,
    began: Began,
    /// When a server began to be looked for: the time in the queue counts from here.
    wanted: Instant,
    backend: Option<Present>,
    server: Option<Arc<ObservedServer>>,
    address: Option<Address>,
    queued: Option<Duration>,
    queue_positions: QueuePositions,
    retries: u32,
    redispatched: bool,
    error: Option<Box<ConnectError>>,
    /// What went wrong first: that is what the end is put down to.
    first_failure: Option<Termination>,
    /// No server could be reached.
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
    termination: Termination,
    /// The record was made, or is not to be.
    is_reported: bool,
}

/// What only an exchange of HTTP has.
#[derive(Debug, Default)]
struct HttpFacts {
    /// The request line as it came.
    line: Vec<u8>,
    /// When the head of the request was complete.
    received: Option<Instant>,
    /// It is held in a tarpit, or was.
    is_held: bool,
}

/// A session in its backend's count, for as long as this lives.
#[derive(Debug)]
struct Present(Arc<ObservedBackend>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.counters.left();
    }
}

/// What carries a connection to a server. Most are plain TCP, and every session has the room for this.
#[derive(Clone, Debug)]
pub(crate) enum ServerCarriers {
    /// This transport, with nothing to tell beyond its name.
    Plain(&'static str),
    /// Whatever else.
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

/// In one word, as that of [`Carriers`].
impl fmt::Display for ServerCarriers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServerCarriers::Plain(transport) => f.write_str(transport),
            ServerCarriers::Other(carriers) => carriers.fmt(f),
        }
    }
}

impl Meter {
    /// For a session of mode tcp.
    pub(crate) fn session(view: &Rc<WorkerView>, ingress: &Arc<Ingress>, began: Began) -> Meter {
        Meter {
            view: Rc::clone(view),
            ingress: Arc::clone(ingress),
            began,
            wanted: began.since,
            backend: None,
            server: None,
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
            termination: Termination::NORMAL,
            is_reported: false,
        }
    }

    /// For an exchange of HTTP.
    pub(crate) fn exchange(view: &Rc<WorkerView>, ingress: &Arc<Ingress>, began: Began) -> Meter {
        Meter { http: Some(Box::default()), ..Meter::session(view, ingress, began) }
    }

    /// The same for the next exchange, which may be another client's. Memory is kept.
    pub(crate) fn restart(&mut self, ingress: &Arc<Ingress>, began: Began) {
        let mut http = self.http.take();
        if let Some(http) = &mut http {
            http.line.clear();
            (http.received, http.is_held) = (None, false);
        }
        let view = Rc::clone(&self.view);
        *self = Meter { http, ..Meter::session(&view, ingress, began) };
    }

    /// The head of a request is complete. `line` is called for the request line, if anybody will read it.
    pub(crate) fn request_received(&mut self, now: Instant, line: impl FnOnce(&mut Vec<u8>)) {
        self.wanted = now;
        let log = self.ingress.frontend.log.moment;
        let http = self.http.get_or_insert_default();
        http.received = Some(now);
        if log != LogMoment::Never {
            line(&mut http.line);
        }
    }

    /// Rules have waited for more of the request: the time that it took to come ends now.
    pub(crate) fn request_held(&mut self, now: Instant) {
        self.wanted = now;
        self.http.get_or_insert_default().received = Some(now);
    }

    /// What came turned out to be no complete request. Without its line to the log nothing came at all.
    pub(crate) fn request_incomplete(&mut self, keeps_line: bool) {
        if let Some(http) = &mut self.http {
            http.received = None;
            if !keeps_line {
                http.line.clear();
            }
        }
    }

    /// A rule holds it in a tarpit.
    pub(crate) fn held(&mut self) {
        self.http.get_or_insert_default().is_held = true;
    }

    /// A backend was found.
    pub(crate) fn routed(&mut self, backend: &Arc<ObservedBackend>) {
        backend.counters.arrived();
        self.backend = Some(Present(Arc::clone(backend)));
    }

    /// A server was chosen, for the first time or once more; `None` if any will do, or there is none.
    pub(crate) fn chosen(&mut self, server: Option<&Arc<ObservedServer>>) {
        let before = std::mem::replace(&mut self.server, server.cloned());
        let (Some(before), Some(Present(backend))) = (before, &self.backend) else { return };
        if server.is_some_and(|server| server.id == before.id) {
            before.counters.retried();
            backend.counters.retried();
        } else {
            self.redispatched = true;
            before.counters.redispatched();
            backend.counters.redispatched();
        }
    }

    /// A slot of a server came free for a session that any would suit.
    pub(crate) fn called_to(&mut self, server: &Arc<ObservedServer>) {
        self.server = Some(Arc::clone(server));
    }

    /// The server that it was led to is no longer to be waited for, and this is no attempt that failed.
    pub(crate) fn chooses_again(&mut self) {
        self.server = None;
    }

    /// It waited in a queue, and had this position when it joined.
    pub(crate) fn waited(&mut self, queue: Waited, position: u64) {
        match queue {
            Waited::InBackend => self.queue_positions.backend += position,
            Waited::AtServer => self.queue_positions.server += position,
        }
    }

    /// The time in queues has ended: it has a slot, or gives up.
    pub(crate) fn queue_ended(&mut self, now: Instant) {
        self.queued = Some(now.saturating_duration_since(self.wanted));
    }

    /// Its server is connected to at this address.
    pub(crate) fn trying(&mut self, address: Address) {
        self.address = Some(address);
    }

    /// An attempt to connect failed.
    pub(crate) fn connect_failed(&mut self, error: ConnectError, termination: Termination) {
        self.error = Some(Box::new(error));
        self.first_failure.get_or_insert(termination);
    }

    /// Another attempt follows one that failed. Where it goes is told by [`chosen`](Self::chosen), or by
    /// [`same_server`](Self::same_server).
    pub(crate) fn attempt_again(&mut self) {
        self.retries += 1;
    }

    /// A request that was sent is to be sent again: what came of it before does not count.
    pub(crate) fn send_again(&mut self) {
        self.retries += 1;
        (self.connected, self.broken, self.answered, self.status) = (None, None, None, None);
        (self.carriers, self.server_info, self.own_address) = (None, None, None);
    }

    /// The attempt goes to the server that it was on.
    pub(crate) fn same_server(&mut self) {
        if let Some(server) = &self.server {
            server.counters.retried();
        }
        if let Some(Present(backend)) = &self.backend {
            backend.counters.retried();
        }
    }

    /// No server is reached. Returns what the end is put down to: whatever went wrong first.
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

    /// It has a connection to its server.
    pub(crate) fn connected(&mut self, now: Instant, carriers: Carriers) {
        self.connected = Some(now);
        self.carriers = Some(ServerCarriers::of(carriers));
    }

    /// The connection to its server failed.
    pub(crate) fn server_broke(&mut self, kind: io::ErrorKind) {
        self.broken = Some(kind);
    }

    /// The head of a response has come.
    pub(crate) fn answered(&mut self, now: Instant, status: u16) {
        self.answered = Some(now);
        self.status = Some(status);
    }

    /// What came turned out to be no response.
    pub(crate) fn answer_withdrawn(&mut self) {
        self.answered = None;
    }

    /// The status that the client is told, or that the log line says if it is told none.
    pub(crate) fn status(&mut self, status: u16) {
        self.status = Some(status);
    }

    /// What the server's connection really is.
    pub(crate) fn server_is(&mut self, info: ConnectionInfo) {
        self.server_info = Some(Box::new(info));
    }

    /// The proxy's own address on its connection to the server.
    pub(crate) fn comes_from(&mut self, own_address: Address) {
        self.own_address = Some(Box::new(own_address));
    }

    /// Bytes so far: from the client, and to it.
    pub(crate) fn moved(&mut self, from_client: u64, to_client: u64) {
        self.bytes = (from_client, to_client);
    }

    /// Its connections were relayed, and that has ended.
    pub(crate) fn relayed(&mut self, outcome: &Outcome) {
        if let Ended::Failed { side: Side::Server, error, .. } = &outcome.ended {
            self.server_broke(error.kind());
        }
        self.ended(Termination::of(outcome));
    }

    /// How it ended.
    pub(crate) fn ended(&mut self, termination: Termination) {
        self.termination = termination;
    }

    /// It no longer counts for its backend.
    pub(crate) fn left(&mut self) {
        self.backend = None;
    }

    /// It is not to be told of.
    pub(crate) fn keep_silent(&mut self) {
        self.is_reported = true;
    }

    /// The end: it is counted.
    pub(crate) fn finish(&mut self) {
        let (from_client, to_client) = self.bytes;
        self.view.counters.session_ended(!self.is_unreachable, from_client, to_client);
        self.ingress.listener.counters.moved(from_client, to_client);
        if let Some(server) = &self.server {
            server.counters.moved(from_client, to_client);
        }
    }

    /// Whether a record will be made of what happens next.
    pub(crate) fn wants_record(&self) -> bool {
        !self.is_reported && self.ingress.frontend.log.wants_sessions()
    }

    /// Whether a record is to be made now; it is not asked for again.
    pub(crate) fn begin_report(&mut self) -> bool {
        let wanted = self.wants_record();
        self.is_reported |= wanted;
        wanted
    }
}
