//! Ordered sets of rules.

use std::net::IpAddr;
use std::sync::Arc;

use proxy_config::Span;

use super::RulePlace;
use crate::acl::{Condition, Outcome};
use crate::action::Action;
use crate::context::{Context, Unevaluated};
use crate::lookup_name::NameLookup;
use crate::verdict::Verdict;

/// An action and its condition.
#[derive(Debug)]
pub struct Rule {
    action: Box<dyn Action>,
    condition: Option<Condition>,
    place: RulePlace,
}

impl Rule {
    /// Creates a rule with its place in the configuration.
    pub fn new(action: Box<dyn Action>, condition: Option<Condition>, place: Span) -> Rule {
        Rule { action, condition, place: place.into() }
    }
}

impl Rule {
    /// Evaluates the condition and runs the action; returns the verdict if it decides something.
    fn decide(&self, context: &mut Context<'_>) -> Option<Verdict> {
        let verdict = self.action.run(context);
        // An action does not continue with a value that could not be determined.
        let failed = context.take_failure();
        if failed {
            context.unevaluated = Some(Unevaluated::Rule(self.place));
        }
        match if failed { Verdict::Failed } else { verdict } {
            Verdict::Continue => None,
            // It decides nothing yet.
            verdict @ Verdict::Resolve(_) => Some(verdict),
            verdict => {
                context.last_rule = Some(self.place);
                Some(verdict)
            }
        }
    }
}

/// The rules of one hook point. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct RuleSet(Arc<Vec<Arc<Rule>>>);

impl RuleSet {
    /// Returns whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of rules.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether a rule may look at the request. To be asked once the configuration has been read: a line may add
    /// to the ACLs of the rules before it.
    pub fn reads_request(&self) -> bool {
        let of_condition = |condition: &Condition| condition.reads_request();
        self.0
            .iter()
            .any(|rule| rule.action.reads_request() || rule.condition.as_ref().is_some_and(of_condition))
    }

    /// Appends a rule.
    pub fn push(&mut self, rule: Rule) {
        Arc::make_mut(&mut self.0).push(Arc::new(rule));
    }

    /// Runs rule after rule, up to one that decides.
    pub fn run(&self, context: &mut Context<'_>) -> Verdict {
        self.run_known(context, 0).unwrap_or(Verdict::Continue)
    }

    /// Continues after a rule that had a name resolved, with the answer.
    pub fn resume(&self, context: &mut Context<'_>, lookup: &NameLookup, address: Option<IpAddr>) -> Verdict {
        lookup.keep(address, context);
        self.run_known(context, lookup.resume).unwrap_or(Verdict::Continue)
    }

    /// Runs the rules while more bytes may arrive: returns `None` at a rule whose condition is undetermined yet. The
    /// caller waits, and runs the rules again from the first.
    pub fn inspect(&self, context: &mut Context<'_>) -> Option<Verdict> {
        context.is_final = false;
        let verdict = self.run_known(context, 0);
        context.is_final = true;
        verdict
    }

    /// Runs the rules from the one with this place.
    fn run_known(&self, context: &mut Context<'_>, first: usize) -> Option<Verdict> {
        for (at, rule) in self.0.iter().enumerate().skip(first) {
            match rule.condition.as_ref().map_or(Outcome::Known(true), |condition| condition.outcome(context))
            {
                Outcome::Known(true) => {}
                Outcome::Known(false) => continue,
                Outcome::Undetermined => return None,
                Outcome::Failed => {
                    context.last_rule = Some(rule.place);
                    context.unevaluated = Some(Unevaluated::Rule(rule.place));
                    return Some(Verdict::Failed);
                }
            }
            if let Some(mut verdict) = rule.decide(context) {
                if let Verdict::Resolve(lookup) = &mut verdict {
                    lookup.resume = at + 1;
                }
                return Some(verdict);
            }
        }
        Some(Verdict::Continue)
    }
}
