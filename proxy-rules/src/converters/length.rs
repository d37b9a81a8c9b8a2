//! `length`: the length of a text in bytes.

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Length;

impl Converter for Length {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let length = sample.bytes()?.len();
        Some(Sample::Integer(i64::try_from(length).unwrap_or(i64::MAX)))
    }
}

inventory::submit! {
    ConverterEntry::new("length", "", Type::Text, Type::Integer, "its length in bytes", |_| Ok(Box::new(Length)))
}
