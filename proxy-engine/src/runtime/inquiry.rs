//! What other threads ask of a worker: what lives on it, and to end some of that.
//!
//! Lists are told in pages, so that a worker with a hundred thousand sessions goes on serving them meanwhile.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use tokio::sync::{mpsc, oneshot};

use crate::connection::Doing;
use crate::observe::{ObservedBackend, ObservedFrontend, ObservedListener, ObservedServer, Stage};

/// Inquiries that may wait for a worker.
const MAILBOX: usize = 16;

/// Where a worker gets inquiries.
pub(crate) type Inquiries = mpsc::Receiver<Inquiry>;

/// The channel through which a worker gets inquiries.
pub(crate) fn channel() -> (mpsc::Sender<Inquiry>, Inquiries) {
    mpsc::channel(MAILBOX)
}

/// An inquiry. A worker that is stopping drops it, and with it the reply.
#[derive(Debug)]
pub(crate) enum Inquiry {
    /// Some sessions and exchanges, from an index on.
    Sessions { from: usize, selection: Selection, reply: oneshot::Sender<Page<SessionLine>> },
    /// Connections of HTTP from an index on.
    Connections { from: usize, reply: oneshot::Sender<Page<ConnectionLine>> },
    /// Ends sessions or exchanges. The reply is how many.
    KillSessions { selection: Selection, reply: oneshot::Sender<usize> },
    /// Ends a connection of HTTP and its exchanges. The reply is whether there was one.
    KillConnection { id: u64, reply: oneshot::Sender<bool> },
}

/// Which sessions and exchanges are meant: those that fit all of it. The default is all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// The one of this number.
    pub(crate) id: Option<u64>,
    /// Those that are at least so old.
    pub(crate) older: Duration,
    /// Those that are led through this.
    pub(crate) through: Option<Through>,
}

/// A frontend, a backend or a server, by the numbers that they have.
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

/// A part of a list, and where the next one begins.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) lines: Vec<T>,
    pub(crate) next: Option<usize>,
}

/// A session or exchange as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct SessionLine {
    pub(crate) id: u64,
    /// The number that log lines have.
    pub(crate) number: u32,
    /// The connection that an exchange belongs to. A session has its own, which is not listed.
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
    /// The request line, if logs want it, and as long as they want it.
    pub(crate) request: Vec<u8>,
    pub(crate) status: Option<u16>,
    /// From the client and to it, where they are counted while they pass.
    pub(crate) bytes: (u64, u64),
}

/// A connection as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLine {
    pub(crate) id: u64,
    /// What carries it, in one word.
    pub(crate) carriers: Cow<'static, str>,
    pub(crate) source: Address,
    pub(crate) frontend: Arc<ObservedFrontend>,
    pub(crate) listener: Arc<ObservedListener>,
    pub(crate) doing: Doing,
    /// For how long it has been doing that.
    pub(crate) since: Duration,
    pub(crate) age: Duration,
    pub(crate) requests: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}
