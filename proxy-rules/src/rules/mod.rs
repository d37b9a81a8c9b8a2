//! Rules of HTTP: `http-request`, `http-response`, `http-after-response`; and of what comes before them:
//! `tcp-request content`, `tcp-response content`.
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
    /// How many rules about requests and about responses were there when the owner added its first.
    before: (usize, usize),
}

impl HttpRules {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        let has_content = !(self.request_content.rules.is_empty() && self.response_content.rules.is_empty());
        !has_content && !self.has_http()
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
        self.before = (self.request.len(), self.response.len());
    }

    /// Which of its own rules of HTTP come after the content rules of a hook point.
    fn after_content(&self, hook: HookPoint) -> Option<HookPoint> {
        let (requests, responses) = self.before;
        match hook {
            HookPoint::TcpRequest => (self.request.len() > requests).then_some(HookPoint::HttpRequest),
            HookPoint::TcpResponse => (self.response.len() > responses).then_some(HookPoint::HttpResponse),
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
