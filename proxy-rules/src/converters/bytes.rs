//! `bytes`: a number of bytes from an offset on, or all that follow.

use super::operand::Operand;
use super::part::part;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Bytes {
    start: Operand,
    length: Option<Operand>,
}

impl Converter for Bytes {
    fn convert<'c>(&'c self, sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Binary(bytes) = sample else { return None };
        let start = usize::try_from(self.start.value(context)?).ok()?.min(bytes.len());
        let end = match self.length {
            Some(length) => start.saturating_add(usize::try_from(length.value(context)?).ok()?),
            None => bytes.len(),
        };
        let place = start..end.min(bytes.len());
        Some(Sample::Binary(part(bytes, place)))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "bytes",
        "<start>[,<length>]",
        Type::Binary,
        Type::Binary,
        "some of its bytes, from a place on; both numbers may be variables",
        |inputs| {
            let start = Operand::read(inputs, 0..=i64::MAX, "a number from 0 on, or the name of a variable")?;
            let length = inputs.has_more().then(|| {
                Operand::read(inputs, 1..=i64::MAX, "a number from 1 on, or the name of a variable")
            });
            Ok(Box::new(Bytes { start, length: length.transpose()? }))
        },
    )
}
