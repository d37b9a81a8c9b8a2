//! The keywords `force-persist` and `ignore-persist`: the first rule whose condition holds decides whether a session or
//! request is led to the server of its cookie, or of a rule, even if that is down, or whether its cookie is ignored.

use std::sync::Arc;

use proxy_config::{Directive, Kind, Line, Parsed, Sections, Span, mistake};

use crate::acl::{Condition, Outcome};
use crate::context::{Context, Unevaluated};
use crate::points::Points;
use crate::regex::Failed;

/// What a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// `force-persist`: a server that is down is used nevertheless.
    Forced,
    /// `ignore-persist`: cookies are neither read nor set.
    Ignored,
}

/// The rules of a backend, in order. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct PersistRules(Arc<Vec<Arc<PersistRule>>>);

#[derive(Debug)]
struct PersistRule {
    span: Span,
    decides: Persistence,
    condition: Condition,
}

impl PersistRules {
    /// Returns whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what the first rule decides that holds, if one does.
    ///
    /// # Errors
    /// Returns an error if a condition could not be evaluated.
    pub fn decide(&self, context: &mut Context<'_>) -> Result<Option<Persistence>, Failed> {
        for rule in self.0.iter() {
            match rule.condition.outcome(context) {
                Outcome::Known(true) => return Ok(Some(rule.decides)),
                Outcome::Known(false) | Outcome::Undetermined => {}
                Outcome::Failed => {
                    let place = rule.span.into();
                    context.last_rule = Some(place);
                    context.unevaluated = Some(Unevaluated::Rule(place));
                    return Err(Failed);
                }
            }
        }
        Ok(None)
    }

    /// Returns whether a rule looks at the request, once the configuration has been read.
    pub fn reads_request(&self) -> bool {
        self.0.iter().any(|rule| rule.condition.reads_request())
    }
}

inventory::submit! {
    Directive::new(
        "force-persist",
        "{if|unless} <condition>",
        Sections::BACKEND,
        "lead clients to the server of their cookie or of a rule even if it is down",
        |line| rule(line, "force-persist", Persistence::Forced),
    )
    .idle_in(Sections::only(Kind::Frontend))
}

inventory::submit! {
    Directive::new(
        "ignore-persist",
        "{if|unless} <condition>",
        Sections::BACKEND,
        "do not lead clients by their cookies",
        |line| rule(line, "ignore-persist", Persistence::Ignored),
    )
    .idle_in(Sections::only(Kind::Frontend))
}

fn rule(line: &mut Line<'_, '_>, name: &str, decides: Persistence) -> Parsed {
    let Some(condition) = Condition::parse(line, Points::BACK_BYTES) else {
        return Err(mistake(line.span, format!("'{name}' requires 'if' or 'unless' and a condition")));
    };
    let rules = &mut line.section.get_mut::<PersistRules>().0;
    Arc::make_mut(rules).push(Arc::new(PersistRule { span: line.span, decides, condition }));
    Ok(())
}
