//! The loads to compare, as data.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use super::rivals::{Rival, RivalKind};
use super::setting::{Servers, Setting};
use crate::http::HttpJob;
use crate::link::Transport;

/// The unit of work by which CPU time is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Microseconds per request.
    Request,
    /// Milliseconds per response of a megabyte.
    Answer,
    /// Microseconds per connection with its request.
    Connection,
}

impl Unit {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Request => "us per request",
            Self::Answer => "ms per answer",
            Self::Connection => "us per connection and request",
        }
    }

    pub(crate) const fn of_micros(self, micros: f64) -> f64 {
        match self {
            Self::Request | Self::Connection => micros,
            Self::Answer => micros / 1e3,
        }
    }
}

/// One load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    what: &'static str,
    /// The transport between client and proxy; the origin is reached over TCP.
    pub(crate) transport: Transport,
    pub(crate) unit: Unit,
    bytes: u64,
    /// The size of the chunks; 0 for a `Content-Length`.
    chunk: u64,
    pub(crate) connections: usize,
    /// Whether connections between client and proxy are kept.
    pub(crate) keep_alive: bool,
    /// Whether connections between proxy and origin are kept.
    server_keep_alive: bool,
    pub(crate) log: bool,
    servers: Option<Servers>,
}

const SMALL: Case = Case {
    what: "keep-alive, 128 B",
    transport: Transport::Tcp,
    unit: Unit::Request,
    bytes: 128,
    chunk: 0,
    connections: 32,
    keep_alive: true,
    server_keep_alive: true,
    log: false,
    servers: None,
};
const LOGGED: Case = Case { what: "keep-alive, 128 B, log", log: true, ..SMALL };
const LARGE: Case =
    Case { what: "1 MB, length", unit: Unit::Answer, bytes: 1_000_000, connections: 8, ..SMALL };
const CHUNKED: Case = Case { what: "1 MB, chunks of 16 KiB", chunk: 16 * 1024, ..LARGE };
const PER_CONNECTION: Case =
    Case { what: "connection per request, server kept", unit: Unit::Connection, keep_alive: false, ..SMALL };
const FRESH: Case =
    Case { what: "connection per request on both sides", server_keep_alive: false, ..PER_CONNECTION };

pub(crate) static CASES: [Case; 16] = [
    SMALL,
    LOGGED,
    LARGE,
    CHUNKED,
    PER_CONNECTION,
    FRESH,
    of_many("1,000 servers, roundrobin", "balance roundrobin"),
    of_many("1,000 servers, leastconn", "balance leastconn"),
    of_many("1,000 servers, consistent hash", "balance hash rand\n    hash-type consistent"),
    of_many("1,000 servers, random", "balance random"),
    over_mptcp(SMALL),
    over_mptcp(LOGGED),
    over_mptcp(LARGE),
    over_mptcp(CHUNKED),
    over_mptcp(PER_CONNECTION),
    over_mptcp(FRESH),
];

/// The same for a thousand servers, which are checked every two seconds.
const fn of_many(what: &'static str, balance: &'static str) -> Case {
    Case { what, servers: Some(Servers { count: 1000, balance }), ..SMALL }
}

const fn over_mptcp(case: Case) -> Case {
    Case { transport: Transport::Mptcp, ..case }
}

impl Case {
    pub(crate) fn name(&self) -> String {
        format!("{}: {}", self.transport.name(), self.what)
    }

    /// Returns whether the name begins with this text, or contains it after the transport.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.name().starts_with(text) || self.what.contains(text)
    }

    pub(crate) fn job(&self) -> HttpJob {
        HttpJob::Get { bytes: self.bytes, chunk: NonZeroU64::new(self.chunk) }
    }

    pub(crate) fn setting(&self, origin: SocketAddr, sink: SocketAddr, tuned: bool) -> Setting {
        Setting {
            transport: self.transport,
            keep_alive: self.keep_alive,
            server_keep_alive: self.server_keep_alive,
            origin,
            log: self.log.then_some(sink),
            servers: self.servers,
            tuned,
        }
    }

    /// Returns each proxy as it is, and once more tuned where tuning matters. Braid has nothing to tune.
    pub(crate) fn variants<'r>(&self, rival: &'r Rival) -> impl Iterator<Item = (&'r Rival, bool)> + use<'r> {
        let tuning = self.unit == Unit::Answer && rival.kind != RivalKind::Braid;
        [false, true].into_iter().filter(move |&tuned| tuning || !tuned).map(move |tuned| (rival, tuned))
    }
}
