//! Where rules are evaluated, and what is available in each place.
//!
//! ```text
//!  tcp-request connection ─ session ─ content ─ http-request ─ use_backend ─┐ frontend
//!                                     content ─ http-request ───────────────┤ backend
//!                                 tcp-response content ─ http-response ─────┤ backend
//!                                                        http-response ─────┤ frontend
//!                                          http-after-response ─ log format ┘
//! ```
//!
//! Health checks are apart from all of these: they have the connection to a server, and no client.

use std::fmt;

use bitflags::bitflags;
use proxy_config::Kind;

/// A rule set that a section may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HookPoint {
    /// A connection was accepted.
    TcpConnection,
    /// The session begins: the handshakes of lower layers are done.
    TcpSession,
    /// Bytes of the client have arrived.
    TcpRequest,
    /// Bytes of the server have arrived.
    TcpResponse,
    /// The head of a request has arrived.
    HttpRequest,
    /// The head of a response has arrived.
    HttpResponse,
    /// The head of a response is about to be sent to the client, including one that the proxy makes itself.
    HttpAfterResponse,
    /// A health check is running whose rules begin with `tcp-check`.
    TcpCheck,
    /// A health check is running whose rules begin with `http-check`.
    HttpCheck,
}

impl HookPoint {
    /// The number of hook points.
    pub const COUNT: usize = HookPoint::ALL.len();

    /// All hook points, in the order of their declaration: those of bytes, those of HTTP, then those of health checks.
    pub const ALL: [HookPoint; 9] = [
        HookPoint::TcpConnection,
        HookPoint::TcpSession,
        HookPoint::TcpRequest,
        HookPoint::TcpResponse,
        HookPoint::HttpRequest,
        HookPoint::HttpResponse,
        HookPoint::HttpAfterResponse,
        HookPoint::TcpCheck,
        HookPoint::HttpCheck,
    ];

    /// Those at which rules may change the client's connection: there is one, and no response is on its
    /// way yet.
    pub const OF_CONNECTIONS: [HookPoint; 6] = [
        HookPoint::TcpConnection,
        HookPoint::TcpSession,
        HookPoint::TcpRequest,
        HookPoint::TcpResponse,
        HookPoint::HttpRequest,
        HookPoint::HttpResponse,
    ];

    /// Returns the keyword of its rules.
    pub const fn name(self) -> &'static str {
        match self {
            HookPoint::TcpConnection => "tcp-request connection",
            HookPoint::TcpSession => "tcp-request session",
            HookPoint::TcpRequest => "tcp-request content",
            HookPoint::TcpResponse => "tcp-response content",
            HookPoint::HttpRequest => "http-request",
            HookPoint::HttpResponse => "http-response",
            HookPoint::HttpAfterResponse => "http-after-response",
            HookPoint::TcpCheck => "tcp-check",
            HookPoint::HttpCheck => "http-check",
        }
    }

    /// Returns whether its rules change the response rather than the request.
    pub const fn is_response(self) -> bool {
        matches!(self, HookPoint::TcpResponse | HookPoint::HttpResponse | HookPoint::HttpAfterResponse)
    }

    /// Returns whether its rules are about messages of HTTP.
    pub const fn is_http(self) -> bool {
        matches!(self, HookPoint::HttpRequest | HookPoint::HttpResponse | HookPoint::HttpAfterResponse)
    }

    /// Returns whether its rules are evaluated before the backend is chosen, in a section that is a frontend.
    pub(crate) const fn precedes_choice(self) -> bool {
        use HookPoint::{HttpRequest, TcpConnection, TcpRequest, TcpSession};
        matches!(self, TcpConnection | TcpSession | TcpRequest | HttpRequest)
    }

    /// Returns the hook points whose rules are evaluated after its own, and that an operator might expect before.
    pub(crate) const fn later(self) -> &'static [HookPoint] {
        use HookPoint::{HttpRequest, HttpResponse, TcpRequest, TcpSession};
        match self {
            HookPoint::TcpConnection => &[TcpSession, TcpRequest, HttpRequest],
            HookPoint::TcpSession => &[TcpRequest, HttpRequest],
            HookPoint::TcpRequest => &[HttpRequest],
            HookPoint::TcpResponse => &[HttpResponse],
            _ => &[],
        }
    }

    /// Returns the points at which its rules are evaluated in a section of this kind.
    pub fn points(self, kind: Kind) -> Points {
        let (front, back) = match self {
            HookPoint::TcpConnection => (Points::CONNECTION, Points::empty()),
            HookPoint::TcpSession => (Points::SESSION, Points::empty()),
            HookPoint::TcpRequest => (Points::FRONT_BYTES, Points::BACK_BYTES),
            HookPoint::TcpResponse => (Points::FRONT_ANSWER_BYTES, Points::BACK_ANSWER_BYTES),
            HookPoint::HttpRequest => (Points::FRONT_REQUEST, Points::BACK_REQUEST),
            HookPoint::HttpResponse | HookPoint::HttpAfterResponse => {
                (Points::FRONT_RESPONSE, Points::BACK_RESPONSE)
            }
            HookPoint::TcpCheck | HookPoint::HttpCheck => (Points::CHECK, Points::CHECK),
        };
        Points::of_sides(kind, front, back)
    }
}

/// `http-request`
impl fmt::Display for HookPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

bitflags! {
    /// A set of points in the life of a session at which something is evaluated.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Points: u16 {
        /// While the configuration is read.
        const CONFIGURATION = 1;
        /// A connection was accepted.
        const CONNECTION = 1 << 1;
        /// A session begins.
        const SESSION = 1 << 2;
        /// The frontend has bytes of the client.
        const FRONT_BYTES = 1 << 3;
        /// The frontend has a request.
        const FRONT_REQUEST = 1 << 4;
        /// The frontend chooses a backend.
        const CHOICE = 1 << 5;
        /// The backend has bytes of the client.
        const BACK_BYTES = 1 << 6;
        /// The backend has a request.
        const BACK_REQUEST = 1 << 7;
        /// The backend chooses a server.
        const SERVER = 1 << 8;
        /// The backend has bytes of the server.
        const BACK_ANSWER_BYTES = 1 << 9;
        /// The backend has a response.
        const BACK_RESPONSE = 1 << 10;
        /// The frontend has bytes of the server.
        const FRONT_ANSWER_BYTES = 1 << 11;
        /// The frontend has a response.
        const FRONT_RESPONSE = 1 << 12;
        /// A log line is written.
        const LOG = 1 << 13;
        /// A health check is running.
        const CHECK = 1 << 14;
    }
}

impl Points {
    /// Returns all points from one to another, both included.
    const fn span(first: Points, last: Points) -> Points {
        Points::from_bits_retain((last.bits() << 1) - first.bits())
    }

    /// Returns the points of the sides that a section of this kind has.
    pub fn of_sides(kind: Kind, front: Points, back: Points) -> Points {
        match kind {
            Kind::Frontend => front,
            Kind::Backend => back,
            _ => front | back,
        }
    }
}

/// What a fetch needs in order to have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Nothing: constants, and properties of the process.
    Nothing,
    /// The listener and the frontend.
    Frontend,
    /// The client's connection; in a health check, that of the check.
    Client,
    /// The backend.
    Backend,
    /// The parts of the start line of the request that are kept until the end: method, version.
    RequestLine,
    /// The head of the request in its current state. It is dropped once it was sent.
    Request,
    /// The bytes that the client has sent and that were not passed on yet.
    RequestBytes,
    /// The connection to the server, once something was received over it.
    Server,
    /// The parts of the start line of the response that are kept: status, version.
    ResponseLine,
    /// The head of the response in its current state.
    Response,
    /// The bytes that the server has sent and that were not passed on yet.
    ResponseBytes,
    /// The bytes of the side that rules look at.
    Bytes,
    /// The record of a session or an exchange when a line is written about it.
    Record,
}

impl Need {
    /// Returns whether it is part of the head of the request.
    pub(crate) const fn is_of_request(self) -> bool {
        matches!(self, Need::Request | Need::RequestLine)
    }

    /// Returns the points at which it is available.
    pub const fn points(self) -> Points {
        let end = Points::LOG;
        let session = match self {
            Need::Nothing => Points::span(Points::CONFIGURATION, end),
            Need::Frontend | Need::Client => Points::span(Points::CONNECTION, end),
            Need::Backend => Points::span(Points::BACK_BYTES, end),
            Need::RequestLine => Points::span(Points::FRONT_BYTES, end),
            Need::Request | Need::RequestBytes => Points::span(Points::FRONT_BYTES, Points::SERVER),
            Need::Server | Need::ResponseLine => Points::span(Points::BACK_ANSWER_BYTES, end),
            Need::Response | Need::ResponseBytes => {
                Points::span(Points::BACK_ANSWER_BYTES, Points::FRONT_RESPONSE)
            }
            Need::Bytes => Points::span(Points::FRONT_BYTES, Points::FRONT_RESPONSE),
            Need::Record => Points::LOG,
        };
        match self {
            // There is no frontend in a check, its request is not kept, and no line of traffic is written about it.
            Need::Frontend | Need::RequestLine | Need::Request | Need::RequestBytes | Need::Record => session,
            _ => session.union(Points::CHECK),
        }
    }
}

/// `the request`
impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Need::Nothing => "nothing",
            Need::Frontend => "the frontend",
            Need::Client => "the client's connection",
            Need::Backend => "the backend",
            Need::RequestLine => "the start line of the request",
            Need::Request => "the request",
            Need::RequestBytes => "the bytes of the request",
            Need::Server => "the connection to the server",
            Need::ResponseLine => "the start line of the response",
            Need::Response => "the response",
            Need::ResponseBytes => "the bytes of the response",
            Need::Bytes => "the bytes of a message",
            Need::Record => "the record of a log line",
        })
    }
}
