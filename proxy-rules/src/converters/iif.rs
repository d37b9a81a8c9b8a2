//! `iif`: one text for true, another for false.

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Alternatives {
    yes: Box<[u8]>,
    no: Box<[u8]>,
}

impl Converter for Alternatives {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Bool(is) = sample else { return None };
        Some(Sample::Text(if is { &self.yes[..] } else { &self.no[..] }.into()))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "iif",
        "<yes>,<no>",
        Type::Bool,
        Type::Text,
        "one text if it is true, and another if not",
        |inputs| {
            let yes = inputs.text_or_empty("the text for what is true")?.as_bytes().into();
            let no = inputs.text_or_empty("the text for what is false")?.as_bytes().into();
            Ok(Box::new(Alternatives { yes, no }))
        },
    )
}
