//! The rules of a section: a set for each hook point.

use std::time::Duration;

use proxy_config::{Kind, Spanned};

use super::set::{Rule, RuleSet};
use crate::points::HookPoint;

/// The rules of one hook point.
#[derive(Clone, Debug, Default)]
pub struct ContentRules {
    /// The rules, in order.
    pub rules: RuleSet,
    /// How long they may wait for more bytes, which only content rules do; without it they take what has arrived.
    pub inspect_delay: Option<Duration>,
}

/// The rules of a section, those of its `defaults` first. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SectionRules {
    /// Whether a rule may continue a session of mode tcp in mode http.
    pub switches_mode: bool,
    /// The rules of each hook point, by its place among all.
    sets: [ContentRules; HookPoint::COUNT],
    /// The section that has added rules last.
    owner: Option<(Kind, Spanned<String>)>,
    /// The defaults from which it has inherited rules.
    inherited: Option<Spanned<String>>,
    /// The numbers of rules when the owner added its first one.
    before: [usize; HookPoint::COUNT],
}

impl SectionRules {
    /// Returns the rules of a hook point.
    pub fn at(&self, hook: HookPoint) -> &RuleSet {
        &self.content(hook).rules
    }

    /// Returns the rules of a hook point, and how long they may wait.
    pub fn content(&self, hook: HookPoint) -> &ContentRules {
        &self.sets[hook as usize]
    }

    /// Returns whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.sets.iter().all(|set| set.rules.is_empty())
    }

    /// Returns whether there are rules of HTTP.
    pub(super) fn has_http(&self) -> bool {
        HookPoint::ALL.into_iter().any(|hook| hook.is_http() && !self.at(hook).is_empty())
    }

    /// Adds a rule of the owner.
    pub(super) fn push(&mut self, hook: HookPoint, rule: Rule) {
        self.sets[hook as usize].rules.push(rule);
    }

    /// Returns the delay of a hook point, to be set.
    pub(super) fn inspect_delay_mut(&mut self, hook: HookPoint) -> &mut Option<Duration> {
        &mut self.sets[hook as usize].inspect_delay
    }

    /// Sets the owner of the rules that are added next.
    pub(super) fn own(&mut self, kind: Kind, name: Spanned<String>) {
        match &self.owner {
            Some((own, section)) if *own == kind && section.value == name.value => return,
            Some((Kind::Defaults, section)) => self.inherited = Some(section.clone()),
            _ => {}
        }
        self.owner = Some((kind, name));
        self.before = HookPoint::ALL.map(|hook| self.at(hook).len());
    }

    /// Returns which of the section's own rules are evaluated after those of a hook point.
    pub(super) fn later_than(&self, hook: HookPoint) -> Option<HookPoint> {
        let has_own = |later: &HookPoint| self.at(*later).len() > self.before[*later as usize];
        hook.later().iter().copied().find(has_own)
    }

    /// Returns the defaults from which the defaults with this name have inherited rules.
    pub(super) fn inherited_by(&self, name: &str) -> Option<&Spanned<String>> {
        match &self.owner {
            Some((_, section)) if section.value != name => Some(section),
            _ => self.inherited.as_ref(),
        }
    }

    /// Returns the defaults from which rules are inherited.
    pub(super) fn defaults(&self) -> Option<&Spanned<String>> {
        match &self.owner {
            Some((Kind::Defaults, section)) => Some(section),
            _ => self.inherited.as_ref(),
        }
    }
}
