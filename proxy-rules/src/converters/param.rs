//! `param`: the value of a parameter in a text like a query, `a=1&b=2`.

use std::ops::Range;

use super::part::part;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::escape::digit;
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Parameter {
    name: Box<[u8]>,
    delimiter: u8,
}

impl Parameter {
    /// Returns the range of the first value. A parameter without a value has an empty one.
    fn place(&self, text: &[u8]) -> Option<Range<usize>> {
        let mut start = 0;
        for parameter in text.split(|byte| *byte == self.delimiter) {
            let end = start + parameter.len();
            match parameter.strip_prefix(&*self.name) {
                Some([]) => return Some(end..end),
                Some([b'=', value @ ..]) => return Some(end - value.len()..end),
                _ => start = end + 1,
            }
        }
        None
    }
}

impl Converter for Parameter {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        let place = self.place(&text)?;
        Some(Sample::Text(part(text, place)))
    }
}

/// Reads a byte, or `0x` and its two digits.
fn byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [byte] => Some(*byte),
        [b'0', b'x', high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

inventory::submit! {
    ConverterEntry::new(
        "param",
        "<name>[,<delimiter>]",
        Type::Text,
        Type::Text,
        "the value of a parameter in a query",
        |inputs| {
            let name = inputs.text("the name of a parameter")?.as_bytes().into();
            let expected = "the byte between parameters: itself, or '0x' and two digits";
            let delimiter = match inputs.has_more() {
                false => b'&',
                true => {
                    let input = inputs.input(expected)?;
                    byte(&input.text).ok_or_else(|| inputs.bad(input, expected))?
                }
            };
            Ok(Box::new(Parameter { name, delimiter }))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        for (name, text, value) in [
            ("b", "a=1&b=2", Some("2")),
            ("b", "a=b&b=1=2&c", Some("1=2")),
            ("b", "a=1&b", Some("")),
            ("b", "b&b=1", Some("")),
            ("b", "&&b=&", Some("")),
            ("b", "bb&b=1", Some("1")),
            ("b", "B=1&ab=2", None),
            ("b", "", None),
        ] {
            let parameter = Parameter { name: name.as_bytes().into(), delimiter: b'&' };
            assert_eq!(parameter.place(text.as_bytes()).map(|place| &text[place]), value, "{text}");
        }
        assert_eq!(
            (byte("0x3b"), byte(";"), byte("0x3"), byte("0xzz")),
            (Some(b';'), Some(b';'), None, None)
        );
    }
}
