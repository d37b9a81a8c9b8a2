//! What a section of mode tcp looks at before bytes are passed on.

use proxy_rules::ContentRules;

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
