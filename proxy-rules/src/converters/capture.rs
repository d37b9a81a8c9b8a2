//! `capture-req`, `capture-res`: keeps a text in a slot of the frontend, and passes it on.
//!
//! Unlike the action `capture`, a converter is part of an expression: it captures whenever the expression is evaluated,
//! also in a condition or a log line, and a slot that the frontend does not have leaves no sample.

use proxy_config::Parsed;

use crate::captures::{CapturePlace, Side};
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Capture {
    side: Side,
    slot: u32,
}

impl Converter for Capture {
    fn convert<'c>(&'c self, sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let length = context.session.captures()?.slot(self.side, self.slot)?.length;
        context.variables.keep_capture(CapturePlace::Slot(self.side, self.slot), sample.bytes()?, length);
        Some(sample)
    }
}

fn make(inputs: &mut Inputs<'_>, side: Side) -> Parsed<Box<dyn Converter>> {
    let slot = inputs.number(0..=i64::from(u16::MAX), "the number of a slot, from 0 on")?;
    Ok(Box::new(Capture { side, slot: u32::try_from(slot).unwrap_or(u32::MAX) }))
}

inventory::submit! {
    ConverterEntry::new(
        "capture-req",
        "<number>",
        Type::Text,
        Type::Text,
        "the same, and kept in a slot of the frontend for requests",
        |inputs| make(inputs, Side::Request),
    )
}

inventory::submit! {
    ConverterEntry::new(
        "capture-res",
        "<number>",
        Type::Text,
        Type::Text,
        "the same, and kept in a slot of the frontend for responses",
        |inputs| make(inputs, Side::Response),
    )
}
