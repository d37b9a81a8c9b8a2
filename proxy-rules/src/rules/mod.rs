//! The rules of sections: `tcp-request connection`, `tcp-request session`, `tcp-request content`, `tcp-response
//! content`, `http-request`, `http-response`, `http-after-response`.
//!
//! * [`RuleSet`]: actions and their conditions, in order. [`SectionRules`]: all rules of a section.
//! * [`ContentRules`]: content rules, and how long they may wait.

mod content;
mod directives;
mod inherited;
mod place;
mod set;
mod unsupported;
mod upgrade;

pub use content::ContentRules;
pub use place::RulePlace;
pub use set::{Rule, RuleSet};
pub use upgrade::may_become_http;

use proxy_config::{Kind, Spanned};

use crate::points::HookPoint;

/// The rules of a section, those of its `defaults` first. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SectionRules {
    /// The `tcp-request connection` rules.
    pub connection: RuleSet,
    /// The `tcp-request session` rules.
    pub session: RuleSet,
    /// The `tcp-request content` rules.
    pub request_content: ContentRules,
    /// The `tcp-response content` rules.
    pub response_content: ContentRules,
    /// The `http-request` rules.
    pub request: RuleSet,
    /// The `http-response` rules.
    pub response: RuleSet,
    /// The `http-after-response` rules.
    pub after_response: RuleSet,
    /// Whether a rule may continue a session of mode tcp in mode http.
    pub switches_mode: bool,
    /// The section that has added rules last.
    owner: Option<(Kind, Spanned<String>)>,
    /// The defaults from which it has inherited rules.
    inherited: Option<Spanned<String>>,
    /// The numbers of rules when the owner added its first one.
    before: Before,
}

/// Numbers of rules that are evaluated after others.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    session: usize,
    content: usize,
    request: usize,
    response: usize,
}

impl SectionRules {
    /// Returns whether there are no rules.
    pub fn is_empty(&self) -> bool {
        let sets =
            [&self.connection, &self.session, &self.request_content.rules, &self.response_content.rules];
        sets.into_iter().all(RuleSet::is_empty) && !self.has_http()
    }

    /// Returns whether there are rules of HTTP.
    fn has_http(&self) -> bool {
        !(self.request.is_empty() && self.response.is_empty() && self.after_response.is_empty())
    }

    /// Sets the owner of the rules that are added next.
    fn own(&mut self, kind: Kind, name: Spanned<String>) {
        match &self.owner {
            Some((own, section)) if *own == kind && section.value == name.value => return,
            Some((Kind::Defaults, section)) => self.inherited = Some(section.clone()),
            _ => {}
        }
        self.owner = Some((kind, name));
        self.before = Before {
            session: self.session.len(),
            content: self.request_content.rules.len(),
            request: self.request.len(),
            response: self.response.len(),
        };
    }

    /// Returns which of the section's own rules are evaluated after those of a hook point that precedes rules of HTTP.
    fn later_than(&self, hook: HookPoint) -> Option<HookPoint> {
        let Before { session, content, request, response } = self.before;
        let later = match hook {
            HookPoint::TcpConnection => {
                &[HookPoint::TcpSession, HookPoint::TcpRequest, HookPoint::HttpRequest][..]
            }
            HookPoint::TcpSession => &[HookPoint::TcpRequest, HookPoint::HttpRequest],
            HookPoint::TcpRequest => &[HookPoint::HttpRequest],
            HookPoint::TcpResponse => &[HookPoint::HttpResponse],
            _ => &[],
        };
        let has_own = |later: &HookPoint| match later {
            HookPoint::TcpSession => self.session.len() > session,
            HookPoint::TcpRequest => self.request_content.rules.len() > content,
            HookPoint::HttpRequest => self.request.len() > request,
            _ => self.response.len() > response,
        };
        later.iter().copied().find(has_own)
    }

    /// Returns the defaults from which rules are inherited.
    fn defaults(&self) -> Option<&Spanned<String>> {
        match &self.owner {
            Some((Kind::Defaults, section)) => Some(section),
            _ => self.inherited.as_ref(),
        }
    }
}
