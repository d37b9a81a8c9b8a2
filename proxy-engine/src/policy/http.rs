//! What a section says about HTTP, ready for use.

use std::fmt;
use std::sync::Arc;

use proxy_http::h1::Limits;
use proxy_http::h1::write::CaseMap;
use proxy_rules::{ErrorMessages, HttpRules, Monitor, RuleSet};

use super::{
    Closing, ForwardFor, HttpTimeouts, HttpTuning, OriginalTo, RetryOn, Reuse, Switches, UnusualNames,
};

/// What a section says about HTTP: of a frontend what is about clients counts, of a backend what is about servers.
#[derive(Clone)]
pub struct HttpPolicy {
    /// Of the heads of requests.
    pub request_limits: Limits,
    /// Of the heads of responses.
    pub response_limits: Limits,
    /// Of the process.
    pub tuning: HttpTuning,
    /// How long things may take.
    pub timeouts: HttpTimeouts,
    /// What happens to connections behind an exchange.
    pub closing: Closing,
    /// Which idle connections a request may use.
    pub reuse: Reuse,
    /// When a request is sent again.
    pub retry_on: RetryOn,
    /// What is on or off.
    pub switches: Switches,
    /// Whether a client that closes its direction gives its request up.
    pub aborts: bool,
    /// What becomes of request fields with unusual names.
    pub unusual_names: UnusualNames,
    /// Its own error messages.
    pub errors: ErrorMessages,
    /// Its rules.
    pub rules: HttpRules,
    /// Those of `redirect`, which come behind those of requests.
    pub redirects: RuleSet,
    /// Who asks whether the proxy is well.
    pub monitor: Option<Monitor>,
    /// The field that tells the client's address.
    pub forward_for: Option<ForwardFor>,
    /// The field that tells which address the client connected to.
    pub original_to: Option<OriginalTo>,
    /// Names that clients want otherwise than in lower case.
    pub client_names: Option<Arc<CaseMap>>,
    /// Names that servers want so.
    pub server_names: Option<Arc<CaseMap>>,
}

impl HttpPolicy {
    /// Whether it is what the same section says: a `listen` section is frontend and backend in one.
    pub(crate) fn is_same_section(&self, other: &HttpPolicy) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Default for HttpPolicy {
    fn default() -> HttpPolicy {
        HttpPolicy {
            request_limits: Limits::default(),
            response_limits: Limits::default(),
            tuning: HttpTuning::default(),
            timeouts: HttpTimeouts::default(),
            closing: Closing::default(),
            reuse: Reuse::default(),
            retry_on: RetryOn::default(),
            switches: Switches::default(),
            aborts: true,
            unusual_names: UnusualNames::default(),
            errors: ErrorMessages::default(),
            rules: HttpRules::default(),
            redirects: RuleSet::default(),
            monitor: None,
            forward_for: None,
            original_to: None,
            client_names: None,
            server_names: None,
        }
    }
}

impl fmt::Debug for HttpPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpPolicy")
            .field("closing", &self.closing)
            .field("reuse", &self.reuse)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
