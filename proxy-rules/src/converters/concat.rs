//! `concat`: appends a text, the value of a variable and another text.

use std::borrow::Cow;

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};
use crate::variables::Variable;

#[derive(Debug)]
struct Concat {
    before: Box<[u8]>,
    /// A variable that is not set adds nothing.
    variable: Option<Variable>,
    after: Box<[u8]>,
}

impl Converter for Concat {
    fn convert<'c>(&'c self, sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        let middle = self.variable.and_then(|variable| context.variables.get(variable));
        if self.before.is_empty() && self.after.is_empty() && middle.is_none() {
            return Some(Sample::Text(text));
        }
        let mut text = text.into_owned();
        text.extend_from_slice(&self.before);
        if let Some(middle) = middle {
            middle.write(&mut text);
        }
        text.extend_from_slice(&self.after);
        Some(Sample::Text(Cow::Owned(text)))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "concat",
        "[<before>],[<variable>],[<after>]",
        Type::Text,
        Type::Text,
        "with a text, what a variable holds, and another text after it",
        |inputs| {
            let before = inputs.take().map_or("", |input| &*input.text).as_bytes().into();
            let variable = inputs.take().map(|input| {
                input.text.parse::<Variable>().map_err(|error| {
                    Box::new(inputs.bad(input, "the name of a variable").help(error.to_string()))
                })
            });
            let variable = variable.transpose()?;
            let after = inputs.take().map_or("", |input| &*input.text).as_bytes().into();
            Ok(Box::new(Concat { before, variable, after }))
        },
    )
}
