//! `be2dec`, `le2dec`: bytes as numbers in decimal digits.

use std::borrow::Cow;
use std::io::Write as _;

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

/// Makes a number of some bytes.
type Number = fn(&[u8]) -> u64;

/// The maximum number of bytes of a number.
const MOST: i64 = 8;

#[derive(Debug)]
struct Numbers {
    number: Number,
    separator: Box<[u8]>,
    /// The number of bytes of each number.
    size: usize,
    /// Whether an incomplete last number is left out.
    only_full: bool,
}

fn big(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rfold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl Numbers {
    fn write(&self, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes.len() * (3 + self.separator.len()));
        for group in bytes.chunks(self.size).filter(|group| !self.only_full || group.len() == self.size) {
            if !text.is_empty() {
                text.extend_from_slice(&self.separator);
            }
            // Writing to a Vec cannot fail.
            let _ = write!(text, "{}", (self.number)(group));
        }
        text
    }
}

impl Converter for Numbers {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Text(Cow::Owned(self.write(sample.bytes()?))))
    }
}

fn numbers(inputs: &mut Inputs<'_>, number: Number) -> proxy_config::Parsed<Box<dyn Converter>> {
    let separator = inputs.text_or_empty("the separator between numbers")?.as_bytes().into();
    let size = inputs.number(1..=MOST, "how many bytes a number has, from 1 to 8")?;
    let expected = "1, if a last number of fewer bytes is left out, or 0";
    let only_full = inputs.number_or(0, 0..=1, expected)? == 1;
    Ok(Box::new(Numbers { number, separator, size: usize::try_from(size).unwrap_or(1), only_full }))
}

inventory::submit! {
    ConverterEntry::new(
        "be2dec",
        "<separator>,<size>[,<truncate>]",
        Type::Binary,
        Type::Text,
        "each group of bytes as a number, the most significant byte first",
        |inputs| numbers(inputs, big),
    )
}

inventory::submit! {
    ConverterEntry::new(
        "le2dec",
        "<separator>,<size>[,<truncate>]",
        Type::Binary,
        Type::Text,
        "each group of bytes as a number, the least significant byte first",
        |inputs| numbers(inputs, little),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let write = |number, size, only_full, bytes| {
            let numbers = Numbers { number, separator: b":"[..].into(), size, only_full };
            String::from_utf8(numbers.write(bytes)).unwrap()
        };
        assert_eq!(write(big, 1, false, b"09"), "48:57");
        assert_eq!(write(big, 3, false, b"0123456789"), "3158322:3355701:3553080:57");
        assert_eq!(write(big, 3, true, b"0123456789"), "3158322:3355701:3553080");
        assert_eq!(write(little, 3, false, b"0123456789"), "3289392:3486771:3684150:57");
        assert_eq!(write(big, 8, false, &[255; 9]), format!("{}:255", u64::MAX));
        // All bytes count, and the last has no sign bit.
        assert_eq!(write(little, 4, false, &[0, 0, 0, 0x80]), "2147483648");
        assert_eq!(write(little, 8, false, &[1, 0, 0, 0, 0, 0, 0, 0x80]), "9223372036854775809");
        assert_eq!(write(big, 3, true, b"01"), "");
    }
}
