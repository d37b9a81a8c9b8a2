//! Whether a request is sent once more that a server did not answer as hoped: `retry-on`.
//!
//! Whether connecting is tried again is decided in `upstream/retry.rs`.

use super::{Exchange, Stop};
use crate::exchange::error::Broken;
use crate::observe::{Cause, Stage};
use crate::policy::RetryCause;

/// Why a server has not answered.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// Its connection ended, or it reset the exchange.
    Ended,
    /// It did not begin to process the request.
    Refused,
    /// It sent something else.
    Junk,
    /// It took too long.
    TimedOut,
    /// It answered with a status after which it may be asked again.
    Unwanted(u16),
    /// It is the client that failed.
    Stopped(Stop),
}

impl From<Broken> for Unanswered {
    fn from(broken: Broken) -> Unanswered {
        match broken {
            Broken::Malformed => Unanswered::Junk,
            Broken::Ended | Broken::Failed | Broken::Reset(_) => Unanswered::Ended,
            Broken::Refused => Unanswered::Refused,
        }
    }
}

impl Exchange<'_> {
    /// Whether the request is sent again.
    pub(super) fn may_repeat(&mut self, unanswered: &Unanswered) -> bool {
        let Some(backend) = self.backend else { return false };
        let causes = self.back_policy().retry_on;
        let is_cause = match unanswered {
            Unanswered::Ended => causes.has(RetryCause::EmptyResponse),
            // Nothing was done with it, as if no connection had been made.
            Unanswered::Refused => causes.has(RetryCause::ConnectFailure),
            Unanswered::Junk => causes.has(RetryCause::JunkResponse),
            Unanswered::TimedOut => causes.has(RetryCause::ResponseTimeout),
            Unanswered::Unwanted(status) => causes.has(RetryCause::Status(*status)),
            Unanswered::Stopped(_) => return false,
        };
        is_cause && self.activity.meter.borrow().retries() < backend.config.retries && self.upload.rewind()
    }

    /// What the client gets if it is not.
    pub(super) fn unanswered(&self, unanswered: &Unanswered, was_reused: bool) -> Stop {
        match unanswered {
            // A client that sent a request over a connection that was kept open has to send it again.
            Unanswered::Ended if was_reused => Stop::Silent,
            Unanswered::Ended | Unanswered::Refused => self.failed(502, Cause::Server, Stage::Headers),
            Unanswered::Junk => self.failed(502, Cause::Proxy, Stage::Headers),
            Unanswered::TimedOut | Unanswered::Unwanted(_) | Unanswered::Stopped(_) => {
                self.failed(504, Cause::ServerTimeout, Stage::Headers)
            }
        }
    }
}
