//! When a session, an exchange or a connection began.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// The start of a session, an exchange or a connection: on the wall clock, and on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    pub(crate) at: SystemTime,
    pub(crate) since: Instant,
    /// How long the client had sent nothing before.
    pub(crate) idle: Duration,
    /// How long the handshakes of layers took before that; zero for all but the first exchange of a connection.
    pub(crate) handshake: Duration,
}

impl Began {
    /// Returns a start now.
    pub(crate) fn now() -> Began {
        Began {
            at: SystemTime::now(),
            since: Instant::now(),
            idle: Duration::ZERO,
            handshake: Duration::ZERO,
        }
    }

    /// Returns a start at a moment in the past.
    pub(crate) fn at(since: Instant) -> Began {
        Began { at: SystemTime::now() - since.elapsed(), since, ..Began::now() }
    }
}
