//! `utime`, `ltime`: a time in a form that the configuration chooses, in UTC and in the time zone of this machine.

use std::borrow::Cow;

use proxy_config::Parsed;

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::date::{DatePattern, UnknownConversion};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Written {
    pattern: DatePattern,
    /// What is added, in seconds.
    offset: i64,
}

impl Converter for Written {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Integer(time) = sample else { return None };
        let text = self.pattern.write(time.checked_add(self.offset)?)?;
        Some(Sample::Text(Cow::Owned(text.into_bytes())))
    }
}

fn written(
    inputs: &mut Inputs<'_>,
    make: fn(&str) -> Result<DatePattern, UnknownConversion>,
) -> Parsed<Box<dyn Converter>> {
    let input = inputs.input("the form of the date, with conversions as in strftime(3)")?;
    let pattern = make(&input.text).map_err(|unknown| {
        let expected = "conversions of strftime(3) without a width";
        Box::new(inputs.bad(input, expected).help(unknown.to_string()))
    })?;
    let offset = inputs.number_or(0, i64::MIN..=i64::MAX, "what to add to the time, in seconds")?;
    Ok(Box::new(Written { pattern, offset }))
}

inventory::submit! {
    ConverterEntry::new(
        "utime",
        "<format>[,<offset>]",
        Type::Integer,
        Type::Text,
        "a time in seconds since 1970 as a date in UTC, as strftime(3) writes it",
        |inputs| written(inputs, DatePattern::utc),
    )
}

inventory::submit! {
    ConverterEntry::new(
        "ltime",
        "<format>[,<offset>]",
        Type::Integer,
        Type::Text,
        "a time in seconds since 1970 as a date in the local time zone, as strftime(3) writes it",
        |inputs| written(inputs, DatePattern::local),
    )
}
