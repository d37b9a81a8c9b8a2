//! What a log line can tell of a session of mode tcp or an exchange of HTTP: the engine's record implements [`Record`],
//! and the aliases of formats read it. Nothing here is about how a line is written.

mod parts;

pub use parts::{Concurrent, Origin, QueuePositions, Timers};

use std::time::SystemTime;

use proto_core::address::Address;
use proto_core::info::ConnectionInfo;

/// A session or an exchange, at the moment when a line is written about it. All methods are cheap: a line asks for most
/// of them, and some more than once.
///
/// What concerns the session rather than its record (names, addresses of the client, listener) is told by
/// [`SessionFacts`](crate::SessionFacts).
pub trait Record {
    /// Whether it is an exchange of HTTP.
    fn is_http(&self) -> bool;

    /// When the connection was accepted; of the second and later exchanges on it, when it was ready for another request.
    fn accepted(&self) -> SystemTime;

    /// When the first byte of the request came; of a session, when its handshakes were done.
    fn began(&self) -> SystemTime;

    /// How long things took.
    fn timers(&self) -> Timers;

    /// Bytes from the client.
    fn bytes_from_client(&self) -> u64;

    /// Bytes to the client.
    fn bytes_to_client(&self) -> u64;

    /// Who or what ended it, and in which phase: the two letters of HAProxy's termination state.
    fn termination(&self) -> [u8; 2];

    /// What persistence cookies did, of client and server: the last two letters of `%tsc`.
    fn cookies(&self) -> [u8; 2] {
        *b"--"
    }

    /// The status of the response, if there was one.
    fn status(&self) -> Option<u16>;

    /// Attempts to connect after the first.
    fn retries(&self) -> u32;

    /// Whether it went from one server to another.
    fn is_redispatched(&self) -> bool;

    /// Connections at this moment.
    fn concurrent(&self) -> Concurrent;

    /// Its positions in the queues.
    fn queue_positions(&self) -> QueuePositions;

    /// The server's address, if a connection to one was attempted.
    fn server_address(&self) -> Option<&Address>;

    /// The proxy's own address on its connection to the server, if it had one.
    fn own_address(&self) -> Option<&Address>;

    /// The request line as it came, cut at the limit of the configuration; empty if none came.
    fn request_line(&self) -> &[u8];

    /// Whether the frontend's lines are written before the end (`option logasap`): what may still grow is marked in all
    /// of them, also if this one came to an end before.
    fn is_early(&self) -> bool;

    /// At which point of its life the line is written.
    fn origin(&self) -> Origin {
        match (self.is_early(), self.is_http()) {
            (false, _) => Origin::Close,
            (true, true) => Origin::Response,
            (true, false) => Origin::Connect,
        }
    }

    /// Lines that its frontend has written before this one.
    fn log_count(&self) -> u64;

    /// Its number among all requests and sessions of the process.
    fn number(&self) -> u32;

    /// The client's connection as it was when the first side sent its end of file, or else now; if that is known.
    fn client_info(&self) -> Option<&ConnectionInfo>;

    /// The server's connection at the same moment.
    fn server_info(&self) -> Option<&ConnectionInfo>;
}
