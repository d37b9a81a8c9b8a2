//! What a session was: everything that a log line can want of it.

use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use proto_core::error::ConnectError;
use proto_core::info::ConnectionInfo;
use proto_core::stream::Stream;
use proxy_relay::Outcome;

use super::scope::{BackendScope, FrontendScope, ListenerScope, ServerScope};
use super::termination::{Cause, Termination};

/// A connection that was accepted: for a frontend whose [`LogMoment`](crate::policy::LogMoment) is `Accepted`.
#[derive(Debug)]
pub struct Accepted<'a> {
    /// Where it came in.
    pub frontend: &'a FrontendScope,
    /// By which of its listeners.
    pub listener: &'a ListenerScope,
    /// The client.
    pub client: Address,
    /// The address that the client connected to.
    pub destination: Address,
}

/// A session, when it ends or, if records are wanted as soon as possible, when its server is connected to.
#[derive(Debug)]
pub struct SessionRecord<'a> {
    /// Where it came in.
    pub frontend: &'a FrontendScope,
    /// By which of its listeners.
    pub listener: &'a ListenerScope,
    /// Where it was led.
    pub backend: Option<&'a BackendScope>,
    /// The last server it was led to; `None` if it came to none.
    pub server: Option<&'a ServerScope>,
    /// When it was accepted.
    pub accepted: SystemTime,
    /// The client.
    pub client: &'a Address,
    /// Where the server was tried or reached.
    pub server_address: Option<&'a Address>,
    /// How long things took.
    pub timers: Timers,
    /// Bytes from the client.
    pub bytes_to_server: u64,
    /// Bytes from the server.
    pub bytes_to_client: u64,
    /// How it ended; normal while it has not.
    pub termination: Termination,
    /// Whether it may go on: the record was wanted as soon as possible.
    pub is_early: bool,
    /// Attempts to connect after the first.
    pub retries: u32,
    /// Whether it went from one server to another.
    pub redispatched: bool,
    /// Who else was there.
    pub concurrent: Concurrent,
    /// Where it stood in queues.
    pub places: QueuePlaces,
    /// Why no server was reached, where the last attempt has a reason.
    pub connect_error: Option<&'a ConnectError>,
    /// How bytes were relayed, if they were and that is over.
    pub outcome: Option<&'a Outcome>,
    /// The client's connection as it was when the first side sent its end of file, or else now; if wanted.
    pub client_info: Option<&'a ConnectionInfo>,
    /// The server's connection at the same moment; if wanted and there is one.
    pub server_info: Option<&'a ConnectionInfo>,
    /// The exchange, if it was one of HTTP.
    pub http: Option<HttpRecord<'a>>,
    pub(crate) client_stream: Option<&'a dyn Stream>,
}

/// An exchange of HTTP. Its timers begin with the first byte of the request; a session's queue timer begins with the
/// end of the request's head.
#[derive(Clone, Copy, Debug)]
pub struct HttpRecord<'a> {
    /// The request line as it came; empty if none did.
    pub request_line: &'a [u8],
    /// Of the response, if there was one.
    pub status: Option<u16>,
    /// Nothing came from the client for so long before the request.
    pub idle: Duration,
    /// Until the head of the request was complete.
    pub request: Option<Duration>,
    /// From the connection to the server until the head of its response was complete.
    pub response: Option<Duration>,
}

/// How long things took, since the connection was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timers {
    /// Until a server was found that had room; `None` if none was.
    pub queue: Option<Duration>,
    /// From then on, until it was connected to; `None` if it was not. The attempts before a session went to another
    /// server count as time in the queue.
    pub connect: Option<Duration>,
    /// Until now.
    pub total: Duration,
}

/// Connections at the moment of the record. The session counts among those of the process and the frontend, and among
/// the others as long as it has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concurrent {
    /// Of the process.
    pub process: usize,
    /// Of the frontend.
    pub frontend: usize,
    /// Of the backend, those in queues included.
    pub backend: usize,
    /// Of the server.
    pub server: usize,
}

/// The place of a session in queues when it joined them, from 1; 0 if it never waited there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueuePlaces {
    /// In queues of servers.
    pub server: u64,
    /// In that of the backend.
    pub backend: u64,
}

impl SessionRecord<'_> {
    /// The address that the client connected to, while its connection is open. Asks the system.
    pub fn destination(&self) -> Option<Address> {
        self.client_stream.map(|stream| stream.local_addr())
    }

    /// Whether the client sent nothing: what `option dontlognull` leaves out.
    pub fn is_null(&self) -> bool {
        self.bytes_to_server == 0 && !self.is_early
    }

    /// Whether `option log-separate-errors` raises its level and `option dontlog-normal` keeps it: it failed, or did
    /// not come through at once.
    pub fn is_error(&self) -> bool {
        self.redispatched
            || self.http.is_some_and(|http| http.status.is_some_and(|status| status >= 500))
            || self.termination.is_error()
            || (self.termination.cause == Cause::Normal && self.retries > 0)
    }
}
