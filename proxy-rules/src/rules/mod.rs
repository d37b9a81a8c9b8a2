//! Rules of HTTP: `http-request`, `http-response`, `http-after-response`; and of what comes before them:
//! `tcp-request connection`, `tcp-request content`, `tcp-response content`.
//!
//! * [`RuleSet`]: actions and their conditions, in order. [`HttpRules`]: those of a section.
//! * [`ContentRules`]: content rules, and how long they may wait.

mod content;
mod directives;
mod inherited;
mod place;
mod set;

pub use content::ContentRules;
pub use place::RulePlace;
pub use set::{Rule, RuleSet};

use proxy_config::{Kind, Spanned};

use crate::points::HookPoint;

/// The rules of a section, those of its `defaults` first. Cheap to copy.
#[derive(Clone, Debug, Default)]
pub struct HttpRules {
    /// `tcp-request connection`
    pub connection: RuleSet,
    /// `tcp-request content`
    pub request_content: ContentRules,
    /// `tcp-response content`
    pub response_content: ContentRules,
    /// `http-request`
    pub request: RuleSet,
    /// `http-response`
    pub response: RuleSet,
    /// `http-after-response`
    pub after_response: RuleSet,
    /// The section that has added rules last.
    owner: Option<(Kind, Spanned<String>)>,
    /// The defaults that it has taken over rules from.
    inherited: Option<Spanned<String>>,
    /// How many there were when the owner added its first.
    before: Before,
}

/// How many rules there were of those that come after others.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    content: usize,
    request: usize,
    response: usize,
}

impl HttpRules {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        let has_content = !(self.request_content.rules.is_empty() && self.response_content.rules.is_empty());
        self.connection.is_empty() && !has_content && !self.has_http()
    }

    /// Whether there are rules of HTTP.
    fn has_http(&self) -> bool {
        !(self.request.is_empty() && self.response.is_empty() && self.after_response.is_empty())
    }

    /// Says whose the rules are that come now.
    fn own(&mut self, kind: Kind, name: Spanned<String>) {
        match &self.owner {
            Some((own, section)) if *own == kind && section.value == name.value => return,
            Some((Kind::Defaults, section)) => self.inherited = Some(section.clone()),
            _ => {}
        }
        self.owner = Some((kind, name));
        self.before = Before {
            content: self.request_content.rules.len(),
            request: self.request.len(),
            response: self.response.len(),
        };
    }

    /// Which of its own rules come after those of a hook point that comes before rules of HTTP.
    fn later_than(&self, hook: HookPoint) -> Option<HookPoint> {
        let Before { content, request, response } = self.before;
        let has_requests = || (self.request.len() > request).then_some(HookPoint::HttpRequest);
        match hook {
            HookPoint::TcpConnection if self.request_content.rules.len() > content => {
                Some(HookPoint::TcpRequest)
            }
            HookPoint::TcpConnection | HookPoint::TcpRequest => has_requests(),
            HookPoint::TcpResponse => (self.response.len() > response).then_some(HookPoint::HttpResponse),
            _ => None,
        }
    }

    /// The defaults that rules come from.
    fn defaults(&self) -> Option<&Spanned<String>> {
        match &self.owner {
            Some((Kind::Defaults, section)) => Some(section),
            _ => self.inherited.as_ref(),
        }
    }
}
