//! Inquiries from other threads to a worker: to list what lives on it, and to end some of that.
//!
//! Lists are returned in pages, so that a worker with a hundred thousand sessions goes on serving them meanwhile.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use tokio::sync::{mpsc, oneshot};

use crate::connection::Doing;
use crate::observe::{ObservedBackend, ObservedFrontend, ObservedListener, ObservedServer, Stage};

/// The most inquiries that wait for a worker.
const MAILBOX: usize = 16;

/// The receiving end of a worker's inquiries.
pub(crate) type Inquiries = mpsc::Receiver<Inquiry>;

/// Makes the channel for the inquiries of a worker.
pub(crate) fn channel() -> (mpsc::Sender<Inquiry>, Inquiries) {
    mpsc::channel(MAILBOX)
}

/// An inquiry. A worker that is stopping drops it, and with it the reply.
#[derive(Debug)]
pub(crate) enum Inquiry {
    /// Lists sessions and exchanges, from an index on.
    Sessions { from: usize, selection: Selection, reply: oneshot::Sender<Page<SessionLine>> },
    /// Lists connections of HTTP, from an index on.
    Connections { from: usize, reply: oneshot::Sender<Page<ConnectionLine>> },
    /// Ends sessions or exchanges. The reply is their number.
    KillSessions { selection: Selection, reply: oneshot::Sender<usize> },
    /// Ends a connection of HTTP and its exchanges. The reply is whether it was found.
    KillConnection { id: u64, reply: oneshot::Sender<bool> },
}

/// Selects sessions and exchanges: those that match all fields. The default matches all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// The number of the session or exchange.
    pub(crate) id: Option<u64>,
    /// The lowest age.
    pub(crate) older: Duration,
    /// What it is led through.
    pub(crate) through: Option<Through>,
}

/// A frontend, a backend or a server, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    Frontend(u32),
    Backend(u32),
    /// A server of a backend.
    Server {
        backend: u32,
        server: u32,
    },
}

/// A part of a list, and the index where the next part begins.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) lines: Vec<T>,
    pub(crate) next: Option<usize>,
}

/// A line of the list of sessions and exchanges.
#[derive(Clone, Debug)]
pub(crate) struct SessionLine {
    pub(crate) id: u64,
    /// Its number in log lines.
    pub(crate) number: u32,
    /// The connection of an exchange. A session has a connection of its own, which is not listed.
    pub(crate) connection: Option<u64>,
    /// What carries the client's connection, in one word, and the server's, once there is one.
    pub(crate) carriers: (Cow<'static, str>, Option<String>),
    pub(crate) source: Address,
    pub(crate) frontend: Arc<ObservedFrontend>,
    pub(crate) listener: Arc<ObservedListener>,
    pub(crate) backend: Option<Arc<ObservedBackend>>,
    pub(crate) server: Option<Arc<ObservedServer>>,
    pub(crate) server_address: Option<Address>,
    pub(crate) began: SystemTime,
    pub(crate) age: Duration,
    pub(crate) stage: Stage,
    pub(crate) retries: u32,
    /// The request line, if logs need it, up to the length that they need.
    pub(crate) request: Vec<u8>,
    pub(crate) status: Option<u16>,
    /// The bytes from the client and to it so far, where they are counted as they pass.
    pub(crate) bytes: (u64, u64),
}

/// A line of the list of connections.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLine {
    pub(crate) id: u64,
    /// What carries it, in one word.
    pub(crate) carriers: Cow<'static, str>,
    pub(crate) source: Address,
    pub(crate) frontend: Arc<ObservedFrontend>,
    pub(crate) listener: Arc<ObservedListener>,
    pub(crate) doing: Doing,
    /// How long it has been in this state.
    pub(crate) since: Duration,
    pub(crate) age: Duration,
    pub(crate) requests: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}
