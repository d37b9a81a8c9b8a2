//! `retry-on`: after what a request is sent once more.

use proto_core::words::nearest;
use proxy_config::inventory;
use proxy_config::{Diagnostic, Directive, Sections, mistake};

/// Something after which a request may be sent once more, within `retries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryCause {
    /// `conn-failure`: no connection could be made, or it failed before the request was sent.
    ConnectFailure,
    /// `empty-response`: the server closed behind the request without a byte of a response.
    EmptyResponse,
    /// `junk-response`: what came is no response.
    JunkResponse,
    /// `response-timeout`: none came in time.
    ResponseTimeout,
    /// `0rtt-rejected`: the server refused early data. Without TLS to servers it does not happen.
    EarlyDataRejected,
    /// The response has one of the statuses that HAProxy takes.
    Status(u16),
}

/// Statuses that can be said.
const STATUSES: [u16; 12] = [401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504];

const WORDS: [(&str, RetryCause); 5] = [
    ("conn-failure", RetryCause::ConnectFailure),
    ("empty-response", RetryCause::EmptyResponse),
    ("junk-response", RetryCause::JunkResponse),
    ("response-timeout", RetryCause::ResponseTimeout),
    ("0rtt-rejected", RetryCause::EarlyDataRejected),
];

/// What `all-retryable-errors` stands for, beside all of the words.
const ERRORS: [u16; 4] = [500, 502, 503, 504];

impl RetryCause {
    /// Its place in a set.
    fn bit(self) -> Option<u32> {
        let place = match self {
            RetryCause::Status(status) => WORDS.len() + STATUSES.iter().position(|known| *known == status)?,
            word => WORDS.iter().position(|(_, known)| *known == word)?,
        };
        Some(1 << place)
    }
}

/// `retry-on`: some causes. Unless said it is [`RetryCause::ConnectFailure`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOn(u32);

impl RetryOn {
    /// No cause at all.
    pub const NONE: RetryOn = RetryOn(0);

    /// Whether a cause is one of them.
    pub fn has(self, cause: RetryCause) -> bool {
        cause.bit().is_some_and(|bit| self.0 & bit != 0)
    }

    /// Whether the request has to be kept until a response has come: anything is to be sent again that was sent before.
    pub fn keeps_requests(self) -> bool {
        self.without(RetryCause::ConnectFailure) != RetryOn::NONE
    }

    fn with(self, cause: RetryCause) -> RetryOn {
        RetryOn(self.0 | cause.bit().unwrap_or(0))
    }

    fn without(self, cause: RetryCause) -> RetryOn {
        RetryOn(self.0 & !cause.bit().unwrap_or(0))
    }

    fn all_errors() -> RetryOn {
        let words = WORDS.iter().map(|(_, cause)| *cause);
        words.chain(ERRORS.map(RetryCause::Status)).fold(RetryOn::NONE, RetryOn::with)
    }
}

impl Default for RetryOn {
    fn default() -> RetryOn {
        RetryOn::NONE.with(RetryCause::ConnectFailure)
    }
}

inventory::submit! {
    Directive::new(
        "retry-on",
        "none|<cause>...",
        Sections::BACKEND.or(Sections::DEFAULTS),
        "after what a request is sent once more",
        |line| {
            const WHAT: &str = "'none', or causes such as conn-failure, empty-response, 503";
            let mut word = line.args.word(WHAT)?;
            if word.text == "none" {
                line.section.set(RetryOn::NONE);
                return Ok(());
            }
            let mut causes = RetryOn::NONE;
            loop {
                let known = WORDS.iter().find(|(name, _)| *name == word.text).map(|(_, cause)| *cause);
                let status = || word.parse().ok().map(RetryCause::Status).filter(|status| status.bit().is_some());
                causes = match known.or_else(status) {
                    Some(cause) => causes.with(cause),
                    None if word.text == "all-retryable-errors" => RetryOn(causes.0 | RetryOn::all_errors().0),
                    None if word.text == "none" => {
                        return Err(mistake(word.span, "'none' stands alone behind 'retry-on'"));
                    }
                    None => {
                        let names = WORDS.iter().map(|(name, _)| *name).chain(["all-retryable-errors", "none"]);
                        let problem = Diagnostic::alert(word.span, format!("'{}' is no cause to retry", word.text));
                        let statuses = STATUSES.map(|status| status.to_string()).join(", ");
                        let problem = problem.help(format!("statuses that are: {statuses}"));
                        return Err(Box::new(problem.nearest(nearest(word, names))));
                    }
                };
                match line.args.take() {
                    Some(next) => word = next,
                    None => break,
                }
            }
            line.section.set(causes);
            Ok(())
        },
    )
}
