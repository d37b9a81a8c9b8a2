//! When a session, an exchange or a connection began.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// When something began: on the wall clock, and on the one that is never set back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    pub(crate) at: SystemTime,
    pub(crate) since: Instant,
    /// Nothing came from the client for so long before.
    pub(crate) idle: Duration,
    /// The handshakes of layers took so long before that; zero for all but the first exchange of a connection.
    pub(crate) handshake: Duration,
}

impl Began {
    /// What begins now.
    pub(crate) fn now() -> Began {
        Began {
            at: SystemTime::now(),
            since: Instant::now(),
            idle: Duration::ZERO,
            handshake: Duration::ZERO,
        }
    }

    /// At a moment that has passed.
    pub(crate) fn at(since: Instant) -> Began {
        Began { at: SystemTime::now() - since.elapsed(), since, ..Began::now() }
    }
}
