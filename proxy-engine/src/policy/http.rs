//! What a section says about HTTP, ready for use.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use proxy_http::h1::Limits;
use proxy_http::h1::write::CaseMap;
use proxy_rules::{ErrorMessages, Monitor, RuleSet, SectionRules};

use super::{
    Closing, ForwardFor, HttpTimeouts, HttpTuning, OriginalTo, RetryOn, Reuse, Switches, UnusualNames,
};

/// Identifies the section that a policy was made of. Frontend and backend of one `listen` section have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SectionId(u32);

impl SectionId {
    /// One that no other section of this process has.
    pub fn unique() -> SectionId {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        SectionId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a section says about HTTP: a frontend's settings about clients are used, a backend's about servers.
#[derive(Clone)]
pub struct HttpPolicy {
    /// The section that said it. A copy is still of the same section.
    pub section: SectionId,
    /// Of the heads of requests.
    pub request_limits: Limits,
    /// Of the heads of responses.
    pub response_limits: Limits,
    /// Of the process.
    pub tuning: HttpTuning,
    /// Timeouts of HTTP.
    pub timeouts: HttpTimeouts,
    /// Which connections are closed after an exchange.
    pub closing: Closing,
    /// Which idle connections a request may use.
    pub reuse: Reuse,
    /// When a request is sent again.
    pub retry_on: RetryOn,
    /// What is on or off.
    pub switches: Switches,
    /// Whether a client that closes its sending direction gives its request up.
    pub aborts: bool,
    /// What is done with request fields with unusual names.
    pub unusual_names: UnusualNames,
    /// Its own error messages.
    pub errors: ErrorMessages,
    /// Its rules.
    pub rules: SectionRules,
    /// Those of `redirect`, which come after those of requests.
    pub redirects: RuleSet,
    /// Requests that ask whether the proxy works.
    pub monitor: Option<Monitor>,
    /// The field that tells the client's address.
    pub forward_for: Option<ForwardFor>,
    /// The field that tells which address the client connected to.
    pub original_to: Option<OriginalTo>,
    /// Names of fields that are not sent to clients in lower case.
    pub client_names: Option<Arc<CaseMap>>,
    /// The same for servers.
    pub server_names: Option<Arc<CaseMap>>,
}

impl HttpPolicy {
    /// Whether both are of one `listen` section, whose rules and options apply once.
    pub fn is_same_section(&self, other: &HttpPolicy) -> bool {
        self.section == other.section
    }
}

impl Default for HttpPolicy {
    /// That of a section of its own that says nothing.
    fn default() -> HttpPolicy {
        HttpPolicy {
            section: SectionId::unique(),
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
            rules: SectionRules::default(),
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
            .field("section", &self.section)
            .field("closing", &self.closing)
            .field("reuse", &self.reuse)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_of_one_section() {
        let (one, other) = (HttpPolicy::default(), HttpPolicy::default());
        assert!(one.is_same_section(&one.clone()) && !one.is_same_section(&other));
    }
}
