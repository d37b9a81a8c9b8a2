//! Plain parts of a record.

use std::time::Duration;

/// How long things took, one after the other. `None` is what did not happen.
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
    /// Nothing came before the request for so long.
    pub idle: Option<Duration>,
    /// From the first byte of the request until its head was complete.
    pub request: Option<Duration>,
    /// Until a server was found that had room.
    pub queue: Option<Duration>,
    /// Until it was connected to.
    pub connect: Option<Duration>,
    /// Until the head of its response was complete.
    pub response: Option<Duration>,
    /// From the first byte of the request, or after the handshakes, until now.
    pub active: Duration,
}

impl Timers {
    /// From the moment it was accepted until now.
    pub fn total(&self) -> Duration {
        self.handshake + self.idle.unwrap_or_default() + self.active
    }

    /// The same without idle time: what a user waits for.
    pub fn user(&self) -> Duration {
        self.handshake + self.active
    }

    /// From the moment it was accepted until the head of the request was complete; `None` without one.
    pub fn until_request(&self) -> Option<Duration> {
        Some(self.handshake + self.idle.unwrap_or_default() + self.request?)
    }

    /// While data was transferred: from the head of the response, in mode tcp from the connection to the server.
    pub fn data(&self, is_http: bool) -> Option<Duration> {
        let response = if is_http { self.response? } else { Duration::ZERO };
        let before = self.request.unwrap_or_default() + self.queue.unwrap_or_default();
        Some(self.active.saturating_sub(before + self.connect? + response))
    }
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

/// The place in a queue at the moment it was entered, from 1; 0 for one that was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueuePositions {
    /// In queues of servers.
    pub server: u64,
    /// In that of the backend.
    pub backend: u64,
}

/// At which point of a session's life a line is written about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was accepted.
    Accept,
    /// Its request came.
    Request,
    /// Its server was connected to.
    Connect,
    /// Its response came.
    Response,
    /// It has ended.
    Close,
    /// It failed before there was a request.
    SessionError,
    /// It was ended in its handshakes.
    SessionKilled,
}

impl Origin {
    /// The word of HAProxy.
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
