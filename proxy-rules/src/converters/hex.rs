//! `hex`, `be2hex`, `hex2i`, `base2`: bytes and numbers in hexadecimal or binary digits.

use std::borrow::Cow;

use super::simple::simple;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::escape::{digit, hex};
use crate::sample::{Sample, Type};

/// Writes bytes in groups.
#[derive(Debug)]
struct Groups {
    separator: Box<[u8]>,
    /// The number of bytes in a group; all of them without.
    size: Option<usize>,
    /// Whether an incomplete last group is left out.
    only_full: bool,
}

impl Groups {
    fn write(&self, bytes: &[u8]) -> Vec<u8> {
        let size = self.size.unwrap_or(bytes.len()).max(1);
        let bytes = if self.only_full { &bytes[..bytes.len() - bytes.len() % size] } else { bytes };
        let groups = bytes.len().div_ceil(size);
        let mut text = Vec::with_capacity(2 * bytes.len() + self.separator.len() * groups.saturating_sub(1));
        for (number, group) in bytes.chunks(size).enumerate() {
            if number > 0 {
                text.extend_from_slice(&self.separator);
            }
            group.iter().for_each(|byte| hex(*byte, &mut text));
        }
        text
    }
}

impl Converter for Groups {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Text(Cow::Owned(self.write(sample.bytes()?))))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "hex",
        "",
        Type::Binary,
        Type::Text,
        "in hexadecimal digits",
        |_| Ok(Box::new(Groups { separator: Box::default(), size: None, only_full: false })),
    )
}

inventory::submit! {
    ConverterEntry::new(
        "be2hex",
        "[<separator>],[<size>],[<truncate>]",
        Type::Binary,
        Type::Text,
        "in hexadecimal digits, with a separator after each group of bytes",
        |inputs| {
            let separator: Box<[u8]> = inputs.take().map_or("", |input| &*input.text).as_bytes().into();
            let expected = "the number of bytes in a group, from 1 on";
            // Without a size, a missing argument is reported only where it would have an effect.
            let mut rest = inputs.clone();
            let size = inputs.number_or(0, 0..=i64::MAX, expected)?;
            let expected_end = "1, if a last group that is not full is left out, or 0";
            let only_full = inputs.number_or(0, 0..=1, expected_end)? == 1;
            if size == 0 && (!separator.is_empty() || only_full) {
                rest.number(1..=i64::MAX, expected)?;
            }
            let size = usize::try_from(size).ok().filter(|size| *size > 0);
            Ok(Box::new(Groups { separator, size, only_full }))
        },
    )
}

simple!("hex2i", Type::Text, Type::Integer, "the number that hexadecimal digits stand for", |sample| {
    // A number that is too long loses its first digits.
    let add = |number: i64, byte: &u8| Some(number << 4 | i64::from(digit(*byte)?));
    Some(Sample::Integer(sample.bytes()?.iter().try_fold(0, add)?))
});

simple!("base2", Type::Binary, Type::Text, "in binary digits", |sample| {
    let bits = |byte: &u8| -> [u8; 8] {
        let byte = *byte;
        std::array::from_fn(|at| b'0' + (byte >> (7 - at) & 1))
    };
    Some(Sample::Text(Cow::Owned(sample.bytes()?.iter().flat_map(bits).collect())))
});
