//! Plain parts of a record.

use std::time::Duration;

/// The durations of consecutive phases. `None` means that a phase did not happen.
///
/// ```text
///  accepted                                                                       ended
///   | handshake | idle | request | queue | connect | response |       data         |
///                      |<---------------------- active ----------------------------->|
/// ```
///
/// In mode tcp there is no idle time, request or response, and `active` begins after the handshakes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timers {
    /// Handshakes of layers below (TLS, PROXY protocol); zero for all but the first request of a connection.
    pub handshake: Duration,
    /// The time before the request without any bytes.
    pub idle: Option<Duration>,
    /// From the first byte of the request until its head was complete.
    pub request: Option<Duration>,
    /// The time until a server with room was found.
    pub queue: Option<Duration>,
    /// The time until the server was connected to.
    pub connect: Option<Duration>,
    /// The time until the head of the response was complete.
    pub response: Option<Duration>,
    /// From the first byte of the request, or after the handshakes, until now.
    pub active: Duration,
}

impl Timers {
    /// Returns the time from the accept until now.
    pub fn total(&self) -> Duration {
        self.handshake + self.idle.unwrap_or_default() + self.active
    }

    /// Returns the same without idle time: what a user waits for.
    pub fn user(&self) -> Duration {
        self.handshake + self.active
    }

    /// Returns the time from the accept until the head of the request was complete; `None` without one.
    pub fn until_request(&self) -> Option<Duration> {
        Some(self.handshake + self.idle.unwrap_or_default() + self.request?)
    }

    /// Returns the time of the data transfer: from the head of the response, in mode tcp from the connection to the
    /// server.
    pub fn data(&self, is_http: bool) -> Option<Duration> {
        let response = if is_http { self.response? } else { Duration::ZERO };
        let before = self.request.unwrap_or_default() + self.queue.unwrap_or_default();
        Some(self.active.saturating_sub(before + self.connect? + response))
    }
}

/// Numbers of connections at the moment of the record. The session is included in those of the process and the
/// frontend, and in the others as long as it has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concurrent {
    /// Connections of the process.
    pub process: usize,
    /// Connections of the frontend.
    pub frontend: usize,
    /// Connections of the backend, including those in queues.
    pub backend: usize,
    /// Connections of the server.
    pub server: usize,
}

/// The position in each queue when it was entered, from 1; 0 for a queue that was not entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueuePositions {
    /// The position in the queues of servers.
    pub server: u64,
    /// The position in the queue of the backend.
    pub backend: u64,
}

/// The point in the life of a session at which a line is written about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The connection was accepted.
    Accept,
    /// The request has arrived.
    Request,
    /// The server was connected to.
    Connect,
    /// The response has arrived.
    Response,
    /// The session or exchange has ended.
    Close,
    /// The connection failed before there was a request.
    SessionError,
    /// The connection was closed during its handshakes.
    SessionKilled,
}

impl Origin {
    /// Returns HAProxy's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Accept => "txn_accept",
            Origin::Request => "txn_request",
            Origin::Connect => "txn_connect",
            Origin::Response => "txn_response",
            Origin::Close => "txn_close",
            Origin::SessionError => "sess_error",
            Origin::SessionKilled => "sess_killed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn timers_add_up() {
        let timers = Timers {
            handshake: millis(1),
            idle: Some(millis(20)),
            request: Some(millis(3)),
            queue: Some(millis(4)),
            connect: Some(millis(5)),
            response: Some(millis(6)),
            active: millis(25),
        };
        assert_eq!(timers.total(), millis(46));
        assert_eq!(timers.user(), millis(26));
        assert_eq!(timers.until_request(), Some(millis(24)));
        assert_eq!(timers.data(true), Some(millis(7)));
        let session = Timers { idle: None, request: None, response: None, ..timers };
        assert_eq!(session.data(false), Some(millis(16)));
        assert_eq!((session.data(true), session.until_request()), (None, None));
    }
}
