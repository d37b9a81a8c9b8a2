//! What a section of mode tcp looks at before bytes are passed on.

use proxy_rules::{ContentRules, HookPoint, SectionRules};

/// The content rules of a section of mode tcp that has some. Frontend and backend of one `listen` section share it.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// `tcp-request content`
    pub request: ContentRules,
    /// `tcp-response content`
    pub response: ContentRules,
    /// Whether rules of `tcp-request content` may look at the client's bytes as a request of HTTP.
    pub reads_request: bool,
    /// The most bytes that are held for them.
    pub limit: usize,
}

impl Inspection {
    /// Returns the content rules of a section, which hold at most `limit` bytes; `None` if there are none.
    pub fn of(rules: &SectionRules, limit: usize) -> Option<Inspection> {
        let [request, response] =
            [HookPoint::TcpRequest, HookPoint::TcpResponse].map(|hook| rules.content(hook).clone());
        let has_rules = !(request.rules.is_empty() && response.rules.is_empty());
        let reads_request = request.rules.reads_request();
        has_rules.then_some(Inspection { request, response, reads_request, limit })
    }
}
