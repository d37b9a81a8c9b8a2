//! The cases to measure, as data.

use std::fmt::Write as _;
use std::net::SocketAddr;

/// The server name in each ClientHello.
pub(crate) const SERVER_NAME: &str = "a.example";

/// The quantity that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// User-space instructions of all threads.
    Instructions,
    /// Bytes that are allocated and not freed, as requested, without the allocator's overhead.
    Heap,
}

/// One unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A GET with a response of 128 bytes, all of them on one client connection and one server connection.
    Request,
    /// Connect, 100 bytes in each direction, close.
    Connection,
    /// The same after a PROXY header and a ClientHello, by whose server name the backend is chosen.
    NamedConnection,
    /// A session that has relayed 100 bytes in each direction and is idle.
    IdleSession,
    /// A client connection that has had one response. The server connection is shared by all.
    IdleClient,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    /// Whether a line is logged for each unit.
    pub(crate) log: bool,
    pub(crate) few: u64,
    pub(crate) many: u64,
}

/// Enough units for differences at start-up to become negligible, with a few seconds for a run.
const WORK: Case = Case { name: "", unit: Unit::Request, log: false, few: 250, many: 1250 };
/// A table that doubles when it is full has grown in the same proportion in both runs. 2000 descriptors suffice.
const IDLE: Case = Case { few: 500, many: 1000, ..WORK };

pub(crate) static CASES: [Case; 7] = [
    Case { name: "http request", ..WORK },
    Case { name: "http request, httplog", log: true, ..WORK },
    Case { name: "tcp connection", unit: Unit::Connection, ..WORK },
    Case { name: "tcp connection, tcplog", unit: Unit::Connection, log: true, ..WORK },
    Case { name: "tcp connection, SNI", unit: Unit::NamedConnection, ..WORK },
    Case { name: "idle tcp session", unit: Unit::IdleSession, ..IDLE },
    Case { name: "idle http client connection", unit: Unit::IdleClient, ..IDLE },
];

impl Case {
    pub(crate) const fn quantity(&self) -> Quantity {
        match self.unit {
            Unit::Request | Unit::Connection | Unit::NamedConnection => Quantity::Instructions,
            Unit::IdleSession | Unit::IdleClient => Quantity::Heap,
        }
    }

    pub(crate) const fn is_http(&self) -> bool {
        matches!(self.unit, Unit::Request | Unit::IdleClient)
    }

    /// Returns the configuration, without any line that the case does not need.
    pub(crate) fn configuration(&self, listen: &str, origin: SocketAddr, log: SocketAddr) -> String {
        let mode = if self.is_http() { "http" } else { "tcp" };
        // Longer than any run under valgrind takes, so that no timeout expires.
        let mut text = format!(
            "global\n    nbthread 1\n    maxconn 4000\ndefaults\n    mode {mode}\n    timeout connect 10m\n    \
             timeout client 10m\n    timeout server 10m\n"
        );
        if self.unit == Unit::IdleClient {
            // Without this line the first request of each client would have a server connection of its own.
            text.push_str("    http-reuse always\n");
        }
        if self.log {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "    log {log} local0\n    option {mode}log");
        }
        let _ = match self.unit {
            Unit::NamedConnection => write!(
                text,
                "frontend proxy\n    bind {listen} accept-proxy\n    tcp-request inspect-delay 5s\n    \
                 tcp-request content accept if {{ req.ssl_hello_type 1 }}\n    \
                 use_backend named if {{ req.ssl_sni -i {SERVER_NAME} }}\n\
                 backend named\n    server origin {origin}\n"
            ),
            _ => write!(text, "listen proxy\n    bind {listen}\n    server origin {origin}\n"),
        };
        text
    }
}
