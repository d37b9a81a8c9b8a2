//! What a log line contains about a session of mode tcp or an exchange of HTTP: the engine's record implements
//! [`Record`], and the aliases of formats read it. How a line is written is not defined here.

mod parts;

pub use parts::{Concurrent, Origin, QueuePositions, Timers};

use std::time::SystemTime;

use proto_core::address::Address;
use proto_core::info::ConnectionInfo;

/// A session or an exchange at the moment when a line is written about it. All methods are cheap: a line calls most of
/// them, and some more than once.
///
/// Facts about the session rather than its record (names, addresses of the client, listener) are provided by
/// [`SessionFacts`](crate::SessionFacts).
pub trait Record {
    /// Returns whether it is an exchange of HTTP.
    fn is_http(&self) -> bool;

    /// Returns when the connection was accepted; for the second and later exchanges on it, when it was ready for
    /// another request.
    fn accepted(&self) -> SystemTime;

    /// Returns when the first byte of the request was received; for a session, when its handshakes were done.
    fn began(&self) -> SystemTime;

    /// Returns the durations of the phases.
    fn timers(&self) -> Timers;

    /// Returns the number of bytes from the client.
    fn bytes_from_client(&self) -> u64;

    /// Returns the number of bytes to the client.
    fn bytes_to_client(&self) -> u64;

    /// Returns the two letters of HAProxy's termination state: who or what ended it, and in which phase.
    fn termination(&self) -> [u8; 2];

    /// Returns the last two letters of `%tsc`: what the persistence cookies of client and server did.
    fn cookies(&self) -> [u8; 2] {
        *b"--"
    }

    /// Returns the status of the response, if there was one.
    fn status(&self) -> Option<u16>;

    /// Returns the number of attempts to connect after the first.
    fn retries(&self) -> u32;

    /// Returns whether it was redispatched to another server.
    fn is_redispatched(&self) -> bool;

    /// Returns the numbers of connections at this moment.
    fn concurrent(&self) -> Concurrent;

    /// Returns the positions in the queues.
    fn queue_positions(&self) -> QueuePositions;

    /// Returns the server's address, if a connection to one was attempted.
    fn server_address(&self) -> Option<&Address>;

    /// Returns the proxy's own address on the connection to the server, if there was one.
    fn own_address(&self) -> Option<&Address>;

    /// Returns the request line as received, cut at the limit of the configuration; empty if there was none.
    fn request_line(&self) -> &[u8];

    /// Returns whether the frontend's lines are written before the end (`option logasap`): values that may still grow
    /// are marked in all of them, even if this one has ended already.
    fn is_early(&self) -> bool;

    /// Returns the point at which the line is written.
    fn origin(&self) -> Origin {
        match (self.is_early(), self.is_http()) {
            (false, _) => Origin::Close,
            (true, true) => Origin::Response,
            (true, false) => Origin::Connect,
        }
    }

    /// Returns the number of lines that the frontend has written before this one.
    fn log_count(&self) -> u64;

    /// Returns the number of the request or session among all of the process.
    fn number(&self) -> u32;

    /// Returns the client's connection as it was when the first side sent its end of file, or else now; if that is
    /// known.
    fn client_info(&self) -> Option<&ConnectionInfo>;

    /// Returns the server's connection at the same moment.
    fn server_info(&self) -> Option<&ConnectionInfo>;
}
