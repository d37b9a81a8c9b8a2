//! `ltrim`, `rtrim`, `cut_crlf`: removes bytes at an end.

use super::part::part;
use super::simple::simple;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

/// Removes some bytes at an end.
#[derive(Debug)]
struct Trim {
    bytes: Box<[u8]>,
    left: bool,
}

impl Converter for Trim {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        let stays = |byte: &u8| !self.bytes.contains(byte);
        let place = match self.left {
            true => text.iter().position(stays).unwrap_or(text.len())..text.len(),
            false => 0..text.iter().rposition(stays).map_or(0, |last| last + 1),
        };
        Some(Sample::Text(part(text, place)))
    }
}

fn trim(inputs: &mut Inputs<'_>, left: bool) -> proxy_config::Parsed<Box<dyn Converter>> {
    Ok(Box::new(Trim { bytes: inputs.text("the bytes that are taken off")?.as_bytes().into(), left }))
}

inventory::submit! {
    ConverterEntry::new("ltrim", "<bytes>", Type::Text, Type::Text, "without some bytes at its beginning", |inputs| {
        trim(inputs, true)
    })
}

inventory::submit! {
    ConverterEntry::new("rtrim", "<bytes>", Type::Text, Type::Text, "without some bytes at its end", |inputs| {
        trim(inputs, false)
    })
}

simple!("cut_crlf", Type::Text, Type::Text, "its first line, without the end of it", |sample| {
    let Sample::Text(text) = sample else { return None };
    let end = memchr::memchr2(b'\r', b'\n', &text).unwrap_or(text.len());
    Some(Sample::Text(part(text, 0..end)))
});
