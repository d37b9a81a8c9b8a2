//! `lower`, `upper`: changes the case of ASCII letters.

use std::borrow::Cow;

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Lower;

#[derive(Debug)]
struct Upper;

/// Changes a text; one without a letter to change is not copied.
fn change<'c>(sample: Sample<'c>, is_done: fn(&u8) -> bool, change: fn(&mut [u8])) -> Option<Sample<'c>> {
    let Sample::Text(text) = sample else { return None };
    if text.iter().all(is_done) {
        return Some(Sample::Text(text));
    }
    let mut text = text.into_owned();
    change(&mut text);
    Some(Sample::Text(Cow::Owned(text)))
}

impl Converter for Lower {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        change(sample, |byte| !byte.is_ascii_uppercase(), <[u8]>::make_ascii_lowercase)
    }
}

impl Converter for Upper {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        change(sample, |byte| !byte.is_ascii_lowercase(), <[u8]>::make_ascii_uppercase)
    }
}

inventory::submit! {
    ConverterEntry::new("lower", "", Type::Text, Type::Text, "small letters", |_| Ok(Box::new(Lower)))
}

inventory::submit! {
    ConverterEntry::new("upper", "", Type::Text, Type::Text, "capital letters", |_| Ok(Box::new(Upper)))
}
