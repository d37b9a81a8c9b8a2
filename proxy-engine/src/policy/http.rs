//! The HTTP settings of a section, ready for use.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use proxy_http::h1::Limits;
use proxy_http::h1::write::CaseMap;
use proxy_rules::{ErrorMessages, ForwardedField, Monitor, RuleSet, SectionRules, Service};

use super::{
    Closing, CookiePolicy, ForwardFor, HttpTimeouts, HttpTuning, OriginalTo, RetryOn, Reuse, Switches,
    UnusualNames,
};

/// Identifies the section that a policy was made from. Frontend and backend of one `listen` section have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SectionId(u32);

impl SectionId {
    /// Returns an id that no other section of this process has.
    pub fn unique() -> SectionId {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        SectionId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The HTTP settings of a section: of a frontend those about clients are used, of a backend those about servers.
#[derive(Clone)]
pub struct HttpPolicy {
    /// The section of these settings. A copy still belongs to the same section.
    pub section: SectionId,
    /// The limits of request heads.
    pub request_limits: Limits,
    /// The limits of response heads.
    pub response_limits: Limits,
    /// The settings of the process.
    pub tuning: HttpTuning,
    /// The timeouts of HTTP.
    pub timeouts: HttpTimeouts,
    /// Which connections are closed after an exchange.
    pub closing: Closing,
    /// Which idle connections a request may use.
    pub reuse: Reuse,
    /// The causes for which a request is sent again.
    pub retry_on: RetryOn,
    /// The options that are on or off.
    pub switches: Switches,
    /// Whether a client that closes its sending direction aborts its request.
    pub aborts: bool,
    /// What is done with request fields with unusual names.
    pub unusual_names: UnusualNames,
    /// Its own error messages.
    pub errors: ErrorMessages,
    /// Its rules.
    pub rules: SectionRules,
    /// Its `redirect` rules, which come after the request rules.
    pub redirects: RuleSet,
    /// The services that answer requests for their pages, after the request rules.
    pub pages: Vec<Arc<dyn Service>>,
    /// The requests that ask whether the proxy works.
    pub monitor: Option<Monitor>,
    /// The cookie by which clients come back to the same server, of a backend.
    pub cookie: Option<Arc<CookiePolicy>>,
    /// The field with the client's address.
    pub forward_for: Option<ForwardFor>,
    /// The field with both and more.
    pub forwarded: Option<Arc<ForwardedField>>,
    /// The field with the address that the client connected to.
    pub original_to: Option<OriginalTo>,
    /// Names of fields that are sent to clients in another case than lower case.
    pub client_names: Option<Arc<CaseMap>>,
    /// Names of fields that are sent to servers in another case than lower case.
    pub server_names: Option<Arc<CaseMap>>,
}

impl HttpPolicy {
    /// Returns whether both belong to one `listen` section, whose rules and options apply once.
    pub fn is_same_section(&self, other: &HttpPolicy) -> bool {
        self.section == other.section
    }
}

impl Default for HttpPolicy {
    /// Returns the settings of a new section without keywords.
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
            pages: Vec::new(),
            monitor: None,
            cookie: None,
            forward_for: None,
            forwarded: None,
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
