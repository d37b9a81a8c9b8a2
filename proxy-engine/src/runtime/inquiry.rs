//! What other threads ask of a worker: what lives on it, and to end some of that.
//!
//! Lists are told in pages, so that a worker with a hundred thousand sessions goes on serving them meanwhile.

use std::rc::Rc;
use std::time::Duration;

use proto_core::address::Address;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::connection::activity::Activity;
use crate::connection::{ConnectionStatus, Doing, WorkerContext};

/// Inquiries that may wait for a worker.
const MAILBOX: usize = 16;
/// The most sessions of a page.
const PAGE: usize = 128;

/// Where a worker gets inquiries.
pub(crate) type Inquiries = mpsc::Receiver<Inquiry>;

/// A place for inquiries, and where they come out.
pub(crate) fn channel() -> (mpsc::Sender<Inquiry>, Inquiries) {
    mpsc::channel(MAILBOX)
}

/// An inquiry. A worker that is stopping drops it, and with it the reply.
#[derive(Debug)]
pub(crate) enum Inquiry {
    /// Sessions and exchanges from a place on that are at least so old, or the one of this number.
    Sessions { from: usize, which: Which, reply: oneshot::Sender<Page<SessionLine>> },
    /// Connections of HTTP from a place on.
    Connections { from: usize, reply: oneshot::Sender<Page<ConnectionLine>> },
    /// Ends sessions or exchanges. The reply is how many.
    KillSessions { which: Victims, reply: oneshot::Sender<usize> },
    /// Ends a connection of HTTP and its exchanges. The reply is whether there was one.
    KillConnection { id: u64, reply: oneshot::Sender<bool> },
}

/// Which sessions are listed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    /// Those that are at least so old.
    Older(Duration),
    /// The one of this number.
    One(u64),
}

/// Which sessions are ended.
#[derive(Clone, Debug)]
pub(crate) enum Victims {
    /// The one of this number.
    One(u64),
    /// Those of a server: the numbers of its backend and its own.
    OfServer(u32, u32),
}

/// A part of a list, and where the next one begins.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) lines: Vec<T>,
    pub(crate) next: Option<usize>,
}

/// A session or exchange as it is listed.
#[derive(Debug)]
pub(crate) struct SessionLine {
    pub(crate) id: u64,
    /// Of the client's connection.
    pub(crate) connection: u64,
    pub(crate) is_exchange: bool,
    pub(crate) source: Address,
    pub(crate) listener: u32,
    pub(crate) frontend: String,
    pub(crate) backend: Option<String>,
    pub(crate) server: Option<String>,
    pub(crate) server_address: Option<Address>,
    pub(crate) age: Duration,
    /// The letter of a log line, were it to end now.
    pub(crate) stage: char,
    pub(crate) retries: u32,
    pub(crate) request: String,
    pub(crate) status: Option<u16>,
}

/// A connection as it is listed.
#[derive(Debug)]
pub(crate) struct ConnectionLine {
    pub(crate) id: u64,
    pub(crate) source: Address,
    pub(crate) listener: u32,
    pub(crate) frontend: String,
    pub(crate) doing: &'static str,
    /// For how long it has been doing that.
    pub(crate) since: Duration,
    pub(crate) age: Duration,
    pub(crate) requests: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

/// Answers inquiries, for as long as the worker runs.
pub(crate) async fn answer(worker: &Rc<WorkerContext>, mut inquiries: Inquiries) {
    while let Some(inquiry) = inquiries.recv().await {
        // Whoever asked may be gone; then nothing is lost.
        match inquiry {
            Inquiry::Sessions { from, which, reply } => {
                let _ = reply.send(sessions(worker, from, which));
            }
            Inquiry::Connections { from, reply } => {
                let _ = reply.send(connections(worker, from));
            }
            Inquiry::KillSessions { which, reply } => {
                let killed = worker.registry.kill_activities(|activity| which.includes(activity));
                let _ = reply.send(killed);
            }
            Inquiry::KillConnection { id, reply } => {
                let _ = reply.send(worker.registry.kill_connection(id));
            }
        }
    }
}

impl Victims {
    fn includes(&self, activity: &Activity) -> bool {
        match self {
            Victims::One(id) => activity.id() == *id,
            Victims::OfServer(backend, server) => {
                let meter = activity.meter.borrow();
                meter.backend().is_some_and(|found| found.id() == *backend)
                    && meter.server().is_some_and(|found| found.id() == *server)
            }
        }
    }
}

fn sessions(worker: &WorkerContext, from: usize, which: Which) -> Page<SessionLine> {
    let now = Instant::now();
    let mut lines = Vec::new();
    let next = worker.registry.activities(from, |activity| {
        if lines.len() == PAGE {
            return false;
        }
        let age = now.saturating_duration_since(activity.meter.borrow().began().since);
        let is_meant = match which {
            Which::Older(least) => age >= least,
            Which::One(id) => activity.id() == id,
        };
        if is_meant {
            lines.push(session(activity, age));
        }
        true
    });
    Page { lines, next }
}

fn session(activity: &Activity, age: Duration) -> SessionLine {
    let (meter, connection) = (activity.meter.borrow(), activity.connection());
    SessionLine {
        id: activity.id(),
        connection: connection.id,
        is_exchange: meter.is_exchange(),
        source: connection.source.clone(),
        listener: connection.ingress.listener.id(),
        frontend: connection.ingress.frontend.name().to_owned(),
        backend: meter.backend().map(|backend| backend.name().to_owned()),
        server: meter.server().map(|server| server.name().to_owned()),
        server_address: meter.address().cloned(),
        age,
        stage: meter.stage().letter(),
        retries: meter.retries(),
        request: String::from_utf8_lossy(meter.request_line()).into_owned(),
        status: meter.answer(),
    }
}

fn connections(worker: &WorkerContext, from: usize) -> Page<ConnectionLine> {
    let now = Instant::now();
    let mut lines = Vec::new();
    let next = worker.registry.connections(from, |status| {
        if lines.len() == PAGE {
            return false;
        }
        lines.push(connection(status, now));
        true
    });
    Page { lines, next }
}

fn connection(status: &ConnectionStatus, now: Instant) -> ConnectionLine {
    let ((doing, since), (bytes_in, bytes_out)) = (status.doing(), status.bytes());
    ConnectionLine {
        id: status.id,
        source: status.source.clone(),
        listener: status.ingress.listener.id(),
        frontend: status.ingress.frontend.name().to_owned(),
        doing: match doing {
            Doing::Setup => "setup",
            Doing::Idle => "idle",
            Doing::Busy => "busy",
            Doing::Closing => "closing",
        },
        since: now.saturating_duration_since(since),
        age: now.saturating_duration_since(status.began.since),
        requests: status.requests(),
        bytes_in,
        bytes_out,
    }
}
