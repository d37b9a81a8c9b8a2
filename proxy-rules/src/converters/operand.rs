//! Operands: a number in the configuration, or a variable that holds one: `add(1)`, `add(txn.step)`.

use std::ops::RangeInclusive;

use proxy_config::Parsed;

use crate::context::Context;
use crate::inputs::{Input, Inputs};
use crate::sample::{Sample, Type};
use crate::variables::Variable;

/// A number, or the variable that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    Number(i64),
    Variable(Variable),
}

impl Operand {
    /// Reads the next argument. The range applies to a literal number.
    ///
    /// # Errors
    /// Returns an error if the argument is missing, or neither a number in the range nor a variable.
    pub(super) fn read(
        inputs: &mut Inputs<'_>,
        range: RangeInclusive<i64>,
        expected: &str,
    ) -> Parsed<Operand> {
        let input = inputs.input(expected)?;
        match number(input) {
            Some(value) if range.contains(&value) => Ok(Operand::Number(value)),
            Some(_) => Err(inputs.bad(input, expected)),
            None => input.text.parse().map(Operand::Variable).map_err(|error| {
                let problem = inputs.bad(input, expected);
                // An argument without a scope was most likely not meant as a variable.
                if input.text.contains('.') { Box::new(problem.help(error.to_string())) } else { problem }
            }),
        }
    }

    /// Returns the number; `None` if the variable is not set, or holds something else.
    pub(super) fn value(self, context: &Context<'_>) -> Option<i64> {
        match self {
            Operand::Number(value) => Some(value),
            Operand::Variable(variable) => match context.variables.get(variable)?.cast(Type::Integer)? {
                Sample::Integer(value) => Some(value),
                _ => None,
            },
        }
    }
}

/// Reads an argument as a number. One that is too large becomes the largest.
fn number(input: &Input) -> Option<i64> {
    let text = input.text.as_str();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let furthest = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(furthest))
}
