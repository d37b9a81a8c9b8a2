//! `set-var`, `set-var-fmt`, `unset-var`: sets and removes variables for other rules.

use std::cell::Cell;
use std::cmp::Ordering;

use proxy_config::{Diagnostic, Parsed};

use crate::action::{Action, ActionArguments, ActionEntry};
use crate::context::Context;
use crate::expression::Expression;
use crate::format::Format;
use crate::inputs::Inputs;
use crate::points::HookPoint;
use crate::sample::{Sample, Type};
use crate::variables::{Scope, Variable};
use crate::verdict::Verdict;

/// The conditions for setting a variable. All that are given have to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct When {
    /// Whether it has to be set already, or not.
    is_set: Option<bool>,
    /// Whether the new value has to be an empty text, or not.
    is_empty: Option<bool>,
    /// How the current value has to compare with the new one, if both are numbers.
    compares: Option<Ordering>,
}

impl When {
    /// Reads a variable and its conditions. Returns `None` for a variable that does not exist yet.
    fn read(action: &mut ActionArguments<'_, '_, '_>) -> Parsed<Option<(Variable, When)>> {
        let mut inputs = action.inputs();
        let (variable, problem) = variable(&mut inputs, action.hook)?;
        let mut when = When::default();
        while let Some(input) = inputs.take() {
            match &*input.text {
                "ifset" | "ifexists" => when.is_set = Some(true),
                "ifnotset" | "ifnotexists" => when.is_set = Some(false),
                "ifempty" => when.is_empty = Some(true),
                "ifnotempty" => when.is_empty = Some(false),
                "ifgt" => when.compares = Some(Ordering::Greater),
                "iflt" => when.compares = Some(Ordering::Less),
                _ => {
                    let expected =
                        "one of ifexists, ifnotexists, ifset, ifnotset, ifempty, ifnotempty, ifgt, iflt";
                    return Err(inputs.bad(input, expected));
                }
            }
        }
        inputs.end()?;
        let exists = problem.is_none();
        problem.into_iter().for_each(|problem| action.line.surroundings.diagnostics.push(problem));
        Ok(exists.then_some((variable, when)))
    }

    fn allows(self, variable: Variable, new: &Sample<'_>, context: &Context<'_>) -> bool {
        if self == When::default() {
            return true;
        }
        let old = context.variables.get(variable);
        let compares = match (&old, new) {
            (Some(Sample::Integer(old)), Sample::Integer(new)) => {
                self.compares.is_none_or(|is| old.cmp(new) == is)
            }
            _ => true,
        };
        let is_empty = new.bytes().is_some_and(<[u8]>::is_empty);
        compares
            && self.is_set.is_none_or(|is_set| is_set == old.is_some())
            && self.is_empty.is_none_or(|wanted| wanted == is_empty)
    }
}

#[derive(Debug)]
enum Value {
    Expression(Expression),
    Format(Format),
}

/// A value whose bytes, if it has any, are stored elsewhere.
enum Taken {
    Plain(Sample<'static>),
    Bytes(Type),
}

impl Value {
    /// Takes the value; its bytes are written to a buffer.
    fn take(&self, context: &Context<'_>, to: &mut Vec<u8>) -> Option<Taken> {
        let expression = match self {
            Value::Expression(expression) => expression,
            Value::Format(format) => {
                format.write(context, to);
                return Some(Taken::Bytes(Type::Text));
            }
        };
        Some(match expression.get(context)? {
            Sample::Bool(value) => Taken::Plain(Sample::Bool(value)),
            Sample::Integer(value) => Taken::Plain(Sample::Integer(value)),
            Sample::Ip(value) => Taken::Plain(Sample::Ip(value)),
            sample @ (Sample::Text(_) | Sample::Binary(_) | Sample::Method(_)) => {
                to.extend_from_slice(sample.bytes().unwrap_or_default());
                Taken::Bytes(sample.kind())
            }
        })
    }
}

#[derive(Debug)]
struct SetVar {
    variable: Variable,
    when: When,
    value: Value,
}

impl Action for SetVar {
    /// A missing value, and one for which there is no room, leave the variable as it is.
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let taken = Cell::new(None);
        context.build(
            |context, bytes| taken.set(self.value.take(context, bytes)),
            |context, bytes| {
                let sample = match taken.take() {
                    None => return,
                    Some(Taken::Plain(sample)) => sample,
                    Some(Taken::Bytes(Type::Method)) => Sample::Method(bytes.into()),
                    Some(Taken::Bytes(Type::Binary)) => Sample::Binary(bytes.into()),
                    Some(Taken::Bytes(_)) => Sample::Text(bytes.into()),
                };
                if self.when.allows(self.variable, &sample, context) {
                    context.variables.set(self.variable, &sample);
                }
            },
        );
        Verdict::Continue
    }

    fn reads_request(&self) -> bool {
        match &self.value {
            Value::Expression(expression) => expression.reads_request(),
            Value::Format(format) => format.reads_request(),
        }
    }
}

/// Creates the action that sets a variable, if it exists.
fn set(variable: Option<(Variable, When)>, value: Value) -> Box<dyn Action> {
    match variable {
        Some((variable, when)) => Box::new(SetVar { variable, when, value }),
        None => Box::new(Nothing),
    }
}

/// The action of a variable that does not exist yet.
#[derive(Debug)]
struct Nothing;

impl Action for Nothing {
    fn run(&self, _context: &mut Context<'_>) -> Verdict {
        Verdict::Continue
    }
}

#[derive(Debug)]
struct UnsetVar(Variable);

impl Action for UnsetVar {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.variables.unset(self.0);
        Verdict::Continue
    }

    fn reads_request(&self) -> bool {
        false
    }
}

/// Reads a variable that rules of a hook point set. Before there is a session or an exchange, only variables of the
/// connection and of the process exist, and those of a health check exist in one only: as in HAProxy, such a rule
/// changes nothing.
fn variable(inputs: &mut Inputs<'_>, hook: HookPoint) -> Parsed<(Variable, Option<Diagnostic>)> {
    let mut first = inputs.clone();
    let variable: Variable = inputs.parse("the name of a variable")?;
    let (scope, is_early) =
        (variable.scope(), matches!(hook, HookPoint::TcpConnection | HookPoint::TcpSession));
    let (exists, when, others) = match hook {
        HookPoint::TcpCheck | HookPoint::HttpCheck => {
            (matches!(scope, Scope::Process | Scope::Session | Scope::Check), "", "'check', 'sess' or 'proc'")
        }
        _ if is_early => (matches!(scope, Scope::Process | Scope::Session), " yet", "'sess' or 'proc'"),
        _ => (scope != Scope::Check, "", "'txn', 'req', 'res', 'sess' or 'proc'"),
    };
    if exists {
        return Ok((variable, None));
    }
    let input = first.input("the name of a variable")?;
    let message = format!("this changes nothing: '{}' does not exist{when} in '{hook}' rules", input.text);
    let problem = Diagnostic::warning(input.span, message);
    Ok((variable, Some(problem.help(format!("a variable of the scope {others} exists")))))
}

const ALL: &[HookPoint] = &HookPoint::ALL;

inventory::submit! {
    ActionEntry::new("set-var", "(<scope>.<name>[,<when>...]) <expression>", ALL, "keep a value", |action| {
        let variable = When::read(action)?;
        Ok(set(variable, Value::Expression(action.expression("an expression")?)))
    })
}

inventory::submit! {
    ActionEntry::new("set-var-fmt", "(<scope>.<name>[,<when>...]) <format>", ALL, "keep a text", |action| {
        let variable = When::read(action)?;
        Ok(set(variable, Value::Format(action.plain_format("the text")?)))
    })
}

inventory::submit! {
    ActionEntry::new("unset-var", "(<scope>.<name>)", ALL, "remove a variable", |action| {
        let mut inputs = action.inputs();
        let (variable, problem) = variable(&mut inputs, action.hook)?;
        inputs.end()?;
        let exists = problem.is_none();
        problem.into_iter().for_each(|problem| action.line.surroundings.diagnostics.push(problem));
        Ok(if exists { Box::new(UnsetVar(variable)) } else { Box::new(Nothing) })
    })
}
