//! `retry-on`: whether a request is sent again that a server did not answer as it should.
//!
//! `upstream/retry.rs` decides whether connecting is tried again.

use super::{Exchange, Stop};
use crate::exchange::error::Broken;
use crate::observe::{Cause, Stage};
use crate::policy::RetryCause;

/// Why there is no usable response.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The server closed the connection.
    Ended,
    /// The connection failed, or the server reset the exchange.
    Broke,
    /// The server did not begin to process the request.
    Refused,
    /// The server sent something else than a response.
    Junk,
    /// The server did not respond in time.
    TimedOut,
    /// The server responded with a status for which the request may be sent again.
    Unwanted(u16),
    /// There is no memory for what the server sends.
    NoMemory,
    /// The exchange ends for a reason that is not the server's.
    Stopped(Stop),
}

impl From<Broken> for Unanswered {
    fn from(broken: Broken) -> Unanswered {
        match broken {
            Broken::Malformed => Unanswered::Junk,
            Broken::Ended => Unanswered::Ended,
            Broken::Failed | Broken::Reset(_) => Unanswered::Broke,
            Broken::Refused => Unanswered::Refused,
            Broken::NoMemory => Unanswered::NoMemory,
        }
    }
}

impl Exchange<'_> {
    /// Returns whether the request may be sent again, and rewinds its body then.
    pub(super) fn may_repeat(&mut self, unanswered: &Unanswered) -> bool {
        let Some(backend) = self.backend else { return false };
        let causes = self.back_policy().retry_on;
        let is_cause = match unanswered {
            Unanswered::Ended | Unanswered::Broke => causes.has(RetryCause::EmptyResponse),
            // The server did nothing, as if no connection had been made.
            Unanswered::Refused => causes.has(RetryCause::ConnectFailure),
            Unanswered::Junk => causes.has(RetryCause::JunkResponse),
            Unanswered::TimedOut => causes.has(RetryCause::ResponseTimeout),
            Unanswered::Unwanted(status) => causes.has(RetryCause::Status(*status)),
            Unanswered::NoMemory | Unanswered::Stopped(_) => return false,
        };
        is_cause && self.activity.meter.borrow().retries() < backend.config.retries && self.upload.rewind()
    }

    /// Returns how the exchange ends if the request is not sent again.
    pub(super) fn unanswered(&self, unanswered: &Unanswered, was_reused: bool) -> Stop {
        match unanswered {
            // A client that sent a request on a connection that was kept alive has to expect this, and sends it again.
            Unanswered::Ended | Unanswered::Broke if was_reused => Stop::Silent,
            Unanswered::Ended | Unanswered::Broke | Unanswered::Refused => {
                self.failed(502, Cause::Server, Stage::Headers)
            }
            Unanswered::Junk => self.failed(502, Cause::Proxy, Stage::Headers),
            Unanswered::NoMemory => self.failed(503, Cause::Resource, Stage::Headers),
            Unanswered::TimedOut | Unanswered::Unwanted(_) | Unanswered::Stopped(_) => {
                self.failed(504, Cause::ServerTimeout, Stage::Headers)
            }
        }
    }
}
