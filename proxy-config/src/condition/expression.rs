//! Parsed conditions: their parts, their evaluation, and their text.

use std::fmt;

use super::arguments::{Argument, quote};
use super::error::{ConditionErrorKind as Kind, Mistake};
use super::facts::Facts;
use super::predicates::Predicate;

/// A condition. It is true if any of its groups is true, and a group is true if all of its terms are. Neither list is
/// empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    pub(super) any: Vec<Vec<Term>>,
}

/// One operand of `&&`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) negated: bool,
    pub(super) subject: Subject,
}

/// What a term tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// An integer: true unless it is zero.
    Constant(bool),
    /// A predicate with its arguments.
    Question(Question),
    /// An expression in parentheses.
    Nested(Expression),
}

/// A predicate with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) predicate: &'static Predicate,
    pub(super) arguments: Vec<Argument>,
}

impl Expression {
    /// Evaluates the condition from left to right, no further than necessary.
    pub(super) fn holds(&self, facts: &dyn Facts) -> Result<bool, Mistake> {
        for group in &self.any {
            let mut all = true;
            for term in group {
                all = term.holds(facts)?;
                if !all {
                    break;
                }
            }
            if all {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Term {
    fn holds(&self, facts: &dyn Facts) -> Result<bool, Mistake> {
        let holds = match &self.subject {
            Subject::Constant(value) => *value,
            Subject::Question(question) => question.answer(facts)?,
            Subject::Nested(expression) => expression.holds(facts)?,
        };
        Ok(holds != self.negated)
    }
}

impl Question {
    fn answer(&self, facts: &dyn Facts) -> Result<bool, Mistake> {
        let values: Vec<&str> = self.arguments.iter().map(|argument| argument.value.as_str()).collect();
        self.predicate.ask(&values, facts).map_err(|why| {
            let Argument { value, span } = self.arguments.first().cloned().unwrap_or_default();
            Mistake { span, kind: Kind::BadArgument { predicate: self.predicate.name, argument: value, why } }
        })
    }
}

/// Ignores the places of arguments.
impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        let values = |question: &Self| question.arguments.iter().map(|a| a.value.clone()).collect::<Vec<_>>();
        self.predicate == other.predicate && values(self) == values(other)
    }
}

impl Eq for Question {}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.any.iter().enumerate() {
            f.write_str(if index > 0 { " || " } else { "" })?;
            for (index, term) in group.iter().enumerate() {
                write!(f, "{}{term}", if index > 0 { " && " } else { "" })?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negated { "!" } else { "" })?;
        match &self.subject {
            Subject::Constant(value) => write!(f, "{}", u8::from(*value)),
            Subject::Question(question) => question.fmt(f),
            Subject::Nested(expression) => write!(f, "({expression})"),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments: Vec<String> = self.arguments.iter().map(|argument| quote(&argument.value)).collect();
        write!(f, "{}({})", self.predicate.name, arguments.join(","))
    }
}
