//! `strcmp`: compares a text with that of a variable.

use std::cmp::Ordering;

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};
use crate::variables::Variable;

#[derive(Debug)]
struct Compare(Variable);

impl Converter for Compare {
    fn convert<'c>(&'c self, sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let other = context.variables.get(self.0)?.cast(Type::Text)?;
        let (own, other) = (sample.bytes()?, other.bytes()?);
        // The difference of the first bytes that differ; if none do, the shorter text comes first.
        let differ = own.iter().zip(other).find(|(own, other)| own != other);
        Some(Sample::Integer(match (differ, own.len().cmp(&other.len())) {
            (Some((own, other)), _) => i64::from(*own) - i64::from(*other),
            (None, Ordering::Less) => -1,
            (None, Ordering::Equal) => 0,
            (None, Ordering::Greater) => 1,
        }))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "strcmp",
        "<variable>",
        Type::Text,
        Type::Integer,
        "below 0 if it comes before what a variable holds, 0 if both are the same, above 0 else",
        |inputs| Ok(Box::new(Compare(inputs.parse("the name of a variable")?))),
    )
}
