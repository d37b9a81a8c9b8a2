//! The record of a session, with every value that a log line can show.

use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use proto_core::error::ConnectError;
use proto_core::info::ConnectionInfo;
use proto_core::layer::LayerError;
use proto_core::stream::Stream;
use proxy_relay::Outcome;
use proxy_rules::Record;
use proxy_rules::record::{Concurrent, Origin, QueuePositions};

use super::observed::{ObservedBackend, ObservedFrontend, ObservedListener, ObservedServer};
use super::termination::{Cause, Termination};
use crate::policy::LogMoment;

/// An accepted connection, for a frontend whose [`LogMoment`](crate::policy::LogMoment) is `Accepted`.
#[derive(Debug)]
pub struct AcceptedRecord<'a> {
    /// The frontend that accepted it.
    pub frontend: &'a ObservedFrontend,
    /// The listener that accepted it.
    pub listener: &'a ObservedListener,
    /// The client's address.
    pub client: Address,
    /// The address that the client connected to.
    pub destination: Address,
}

/// A session at its end or, if records are wanted as soon as possible, when its server is connected to.
#[derive(Debug)]
pub struct SessionRecord<'a> {
    /// The frontend that accepted it.
    pub frontend: &'a ObservedFrontend,
    /// The listener that accepted it.
    pub listener: &'a ObservedListener,
    /// The backend it was led to.
    pub backend: Option<&'a ObservedBackend>,
    /// The last server it was led to; `None` if there was none.
    pub server: Option<&'a ObservedServer>,
    /// When it began: for a session when it was accepted, for an exchange the first byte of its request.
    pub accepted: SystemTime,
    /// How long the handshakes of layers took; zero for all but the first exchange of a connection.
    pub handshake: Duration,
    /// The client's address.
    pub client: &'a Address,
    /// The address at which the server was tried or reached.
    pub server_address: Option<&'a Address>,
    /// The proxy's own address towards the server, if wanted.
    pub own_address: Option<&'a Address>,
    /// The durations of its phases.
    pub timers: Timers,
    /// Bytes from the client.
    pub bytes_to_server: u64,
    /// Bytes from the server.
    pub bytes_to_client: u64,
    /// How it ended; normal if it has not ended yet.
    pub termination: Termination,
    /// What the persistence cookies of the request and of the response did, in HAProxy's two letters.
    pub cookies: [u8; 2],
    /// Whether it may go on: the record was wanted as soon as possible.
    pub is_early: bool,
    /// The number of attempts to connect after the first.
    pub retries: u32,
    /// Whether it went from one server to another.
    pub redispatched: bool,
    /// The numbers of concurrent sessions.
    pub concurrent: Concurrent,
    /// Its positions in queues.
    pub queue_positions: QueuePositions,
    /// Why no server was reached, if the last attempt has a reason.
    pub connect_error: Option<&'a ConnectError>,
    /// Why a handshake of the client's connection failed, if one did.
    pub handshake_error: Option<&'a LayerError>,
    /// The outcome of the relay, if there was one and it has ended.
    pub outcome: Option<&'a Outcome>,
    /// The client's connection at the moment when the first side sent its end of file, or else now; if wanted.
    pub client_info: Option<&'a ConnectionInfo>,
    /// The server's connection at the same moment; if wanted and there is one.
    pub server_info: Option<&'a ConnectionInfo>,
    /// The exchange, if it was one of HTTP.
    pub http: Option<HttpRecord<'a>>,
    /// Its number among all sessions and exchanges of the process.
    pub number: u32,
    /// The number of lines that its frontend has logged before.
    pub log_count: u64,
    pub(crate) failed_early: Option<Origin>,
    pub(crate) client_stream: &'a dyn Stream,
}

/// An HTTP exchange. Its timers begin with the first byte of the request; the queue timer begins with the end of the
/// request's head.
#[derive(Clone, Copy, Debug)]
pub struct HttpRecord<'a> {
    /// The request line as received; empty if there is none.
    pub request_line: &'a [u8],
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// How long the client had sent nothing before the request.
    pub idle: Duration,
    /// The time until the head of the request was complete.
    pub request: Option<Duration>,
    /// The time from the connection to the server until the head of its response was complete.
    pub response: Option<Duration>,
}

/// The durations of the phases of a session, since the connection was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timers {
    /// The time until a server with room was found; `None` if none was.
    pub queue: Option<Duration>,
    /// The time from then on until the server was connected to; `None` if it was not. The attempts before a session
    /// went to another server count as time in the queue.
    pub connect: Option<Duration>,
    /// The time until now.
    pub total: Duration,
}

impl SessionRecord<'_> {
    /// Returns the address that the client connected to. Makes a system call.
    pub fn destination(&self) -> Address {
        self.client_stream.local_addr()
    }

    /// Returns whether the client sent nothing, for `option dontlognull`.
    pub fn is_null(&self) -> bool {
        match self.handshake_error {
            Some(error) => error.is_silence(),
            None => self.bytes_to_server == 0 && !self.is_early,
        }
    }

    /// Returns whether it failed or needed retries: `option log-separate-errors` raises its level then, and `option
    /// dontlog-normal` keeps it.
    pub fn is_error(&self) -> bool {
        self.redispatched
            || self.http.is_some_and(|http| http.status.is_some_and(|status| status >= 500))
            || self.termination.is_error()
            || (self.termination.cause == Cause::Normal && self.retries > 0)
    }
}

/// The values that formats of log lines read.
impl Record for SessionRecord<'_> {
    fn is_http(&self) -> bool {
        self.http.is_some()
    }

    fn accepted(&self) -> SystemTime {
        let before = self.handshake + self.http.map_or(Duration::ZERO, |http| http.idle);
        self.accepted.checked_sub(before).unwrap_or(self.accepted)
    }

    fn began(&self) -> SystemTime {
        self.accepted
    }

    fn timers(&self) -> proxy_rules::record::Timers {
        let http = self.http.as_ref();
        proxy_rules::record::Timers {
            handshake: self.handshake,
            idle: http.map(|http| http.idle),
            request: http.and_then(|http| http.request),
            queue: self.timers.queue,
            connect: self.timers.connect,
            response: http.and_then(|http| http.response),
            active: self.timers.total,
        }
    }

    fn bytes_from_client(&self) -> u64 {
        self.bytes_to_server
    }

    fn bytes_to_client(&self) -> u64 {
        self.bytes_to_client
    }

    fn termination(&self) -> [u8; 2] {
        self.termination.letters()
    }

    fn cookies(&self) -> [u8; 2] {
        self.cookies
    }

    fn status(&self) -> Option<u16> {
        self.http.and_then(|http| http.status)
    }

    fn retries(&self) -> u32 {
        self.retries
    }

    fn is_redispatched(&self) -> bool {
        self.redispatched
    }

    fn concurrent(&self) -> Concurrent {
        self.concurrent
    }

    fn queue_positions(&self) -> QueuePositions {
        self.queue_positions
    }

    fn server_address(&self) -> Option<&Address> {
        self.server_address
    }

    fn own_address(&self) -> Option<&Address> {
        self.own_address
    }

    fn request_line(&self) -> &[u8] {
        self.http.map_or(&[], |http| http.request_line)
    }

    /// As in HAProxy, this includes sessions that ended before they could be reported early.
    fn is_early(&self) -> bool {
        self.frontend.log().moment == LogMoment::Connected
    }

    fn origin(&self) -> Origin {
        if let Some(failed) = self.failed_early {
            return failed;
        }
        match (self.is_early, self.is_http()) {
            (false, _) => Origin::Close,
            (true, true) => Origin::Response,
            (true, false) => Origin::Connect,
        }
    }

    fn log_count(&self) -> u64 {
        self.log_count
    }

    fn number(&self) -> u32 {
        self.number
    }

    fn client_info(&self) -> Option<&ConnectionInfo> {
        self.client_info
    }

    fn server_info(&self) -> Option<&ConnectionInfo> {
        self.server_info
    }
}
