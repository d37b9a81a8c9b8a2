//! Rules in their order.

use std::sync::Arc;

use proxy_config::Span;

use super::RulePlace;
use crate::acl::Condition;
use crate::action::Action;
use crate::context::Context;
use crate::verdict::Verdict;

/// An action, and on what it depends.
#[derive(Debug)]
pub struct Rule {
    action: Box<dyn Action>,
    condition: Option<Condition>,
    place: RulePlace,
}

impl Rule {
    /// One that stands somewhere.
    pub fn new(action: Box<dyn Action>, condition: Option<Condition>, place: Span) -> Rule {
        Rule { action, condition, place: place.into() }
    }
}

/// Rules of one hook point. A copy shares them.
#[derive(Clone, Debug, Default)]
pub struct RuleSet(Arc<Vec<Arc<Rule>>>);

impl RuleSet {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Appends a rule.
    pub fn push(&mut self, rule: Rule) {
        Arc::make_mut(&mut self.0).push(Arc::new(rule));
    }

    /// Carries out rule after rule, up to one that decides.
    pub fn run(&self, context: &mut Context<'_>) -> Verdict {
        for rule in self.0.iter() {
            if rule.condition.as_ref().is_some_and(|condition| !condition.holds(context)) {
                continue;
            }
            match rule.action.run(context) {
                Verdict::Continue => {}
                verdict => {
                    context.last_rule = Some(rule.place);
                    return verdict;
                }
            }
        }
        Verdict::Continue
    }
}
