//! `has_ctl`: whether a text has control characters.

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

/// A set of control characters: a bit for each of the characters 0 to 31, and bit 32 for 127.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mask(u64);

impl Mask {
    const ANY: Mask = Mask((1 << 33) - 1);
    /// All but the tab.
    const DEFAULT: Mask = Mask(Mask::ANY.0 & !(1 << b'\t'));
    /// NUL, line feed and carriage return, which must not occur in a field of HTTP.
    const HTTP: Mask = Mask(1 | 1 << b'\n' | 1 << b'\r');

    fn read(text: &str) -> Option<Mask> {
        match text {
            "any" => return Some(Mask::ANY),
            "http" => return Some(Mask::HTTP),
            _ => {}
        }
        let text = text.strip_prefix('+').unwrap_or(text);
        let (digits, base) = match text.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&text[2..], 16),
            [b'0', _, ..] => (&text[1..], 8),
            _ => (text, 10),
        };
        let digits = Some(digits).filter(|digits| !digits.starts_with('+'))?;
        u64::from_str_radix(digits, base).ok().filter(|bits| bits & !Mask::ANY.0 == 0).map(Mask)
    }

    fn has(self, byte: u8) -> bool {
        match byte {
            0..32 => self.0 & (1 << byte) != 0,
            127 => self.0 & (1 << 32) != 0,
            _ => false,
        }
    }
}

impl Converter for Mask {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Bool(sample.bytes()?.iter().any(|byte| self.has(*byte))))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "has_ctl",
        "[any|http|<bits>]",
        Type::Binary,
        Type::Bool,
        "whether it has control characters: any but tabs, any, those that HTTP forbids, those of some bits",
        |inputs| {
            let mask = match inputs.take() {
                None => Mask::DEFAULT,
                Some(input) => Mask::read(&input.text).ok_or_else(|| {
                    inputs.bad(input, "'any', 'http', or a number of 33 bits: one for each character")
                })?,
            };
            Ok(Box::new(mask))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        for text in ["512", "0x200", "0X200", "01000", "+512"] {
            assert_eq!(Mask::read(text), Some(Mask(512)), "{text}");
        }
        for text in ["", "0x", "-1", "x", "0x200000000", "512 ", "0x+1", "+-1", "08"] {
            assert_eq!(Mask::read(text), None, "{text}");
        }
        assert_eq!(Mask::read("0"), Some(Mask(0)));
        let all = |mask: Mask| (0..=255).filter(|byte| mask.has(*byte)).count();
        assert_eq!((all(Mask::ANY), all(Mask::DEFAULT), all(Mask::HTTP)), (33, 32, 3));
        assert!(Mask(1 << 32).has(127) && !Mask::DEFAULT.has(b'\t'));
    }
}
