//! Rules of HTTP: `http-request`, `http-response`, `http-after-response`.
//!
//! * [`RuleSet`]: actions and their conditions, in order. [`HttpRules`]: those of a section.

mod directives;
mod inherited;
mod place;
mod set;

pub use place::RulePlace;
pub use set::{Rule, RuleSet};

use proxy_config::{Kind, Spanned};

/// The rules of a section, those of its `defaults` first. Cheap to copy.
#[derive(Clone, Debug, Default)]
pub struct HttpRules {
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
}

impl HttpRules {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.request.is_empty() && self.response.is_empty() && self.after_response.is_empty()
    }

    /// Says whose the rules are that come now.
    fn own(&mut self, kind: Kind, name: Spanned<String>) {
        match &self.owner {
            Some((own, section)) if *own == kind && section.value == name.value => {}
            Some((Kind::Defaults, section)) => {
                self.inherited = Some(section.clone());
                self.owner = Some((kind, name));
            }
            _ => self.owner = Some((kind, name)),
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
