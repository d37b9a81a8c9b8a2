//! How the values of a format are written.

use std::io::Write as _;
use std::net::IpAddr;

use crate::sample::Sample;

/// What stands for a value that is missing or empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// Nothing.
    Nothing,
    /// `-`, as in log lines.
    Dash,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// What stands for no value: `+M` makes it a dash.
    pub empty: Empty,
    /// `+Q`: in quotes.
    pub quote: bool,
    /// `+X`: numbers and addresses in hexadecimal digits.
    pub hexadecimal: bool,
    /// `+E`: a backslash before quotes, backslashes and closing brackets.
    pub escape: bool,
    /// Control characters of expressions as `%XX`.
    pub encode: bool,
}

impl Style {
    /// That of rules.
    pub const RULE: Style =
        Style { empty: Empty::Nothing, quote: false, hexadecimal: false, escape: false, encode: true };

    /// Appends the value of an expression: always as it is in text.
    pub(crate) fn expression(self, value: Option<&Sample<'_>>, to: &mut Vec<u8>) {
        // Rules never put quotes around expressions.
        Style { quote: self.quote && !self.encode, hexadecimal: false, ..self }.write(value, to);
    }

    /// Appends the value of a short name: numbers stand in no quotes.
    pub(crate) fn alias(self, value: Option<&Sample<'_>>, to: &mut Vec<u8>) {
        let quote = match value {
            Some(Sample::Integer(_)) => false,
            Some(Sample::Ip(_)) => self.quote && !self.hexadecimal,
            _ => self.quote,
        };
        Style { quote, encode: false, ..self }.write(value, to);
    }

    fn write(self, value: Option<&Sample<'_>>, to: &mut Vec<u8>) {
        if self.quote {
            to.push(b'"');
        }
        let begin = to.len();
        if let Some(sample) = value {
            self.value(sample, to);
        }
        if self.quote {
            to.push(b'"');
        } else if to.len() == begin && self.empty == Empty::Dash {
            to.push(b'-');
        }
    }

    fn value(self, sample: &Sample<'_>, to: &mut Vec<u8>) {
        // Writing to a Vec cannot fail.
        let _ = match sample {
            Sample::Integer(value) if self.hexadecimal => write!(to, "{value:04X}"),
            Sample::Ip(IpAddr::V4(ip)) if self.hexadecimal => write!(to, "{:08X}", ip.to_bits()),
            Sample::Ip(IpAddr::V6(ip)) if self.hexadecimal => write!(to, "{:032X}", ip.to_bits()),
            Sample::Text(bytes) | Sample::Binary(bytes) | Sample::Method(bytes) => {
                self.bytes(bytes, to);
                Ok(())
            }
            other => {
                other.write(to);
                Ok(())
            }
        };
    }

    fn bytes(self, bytes: &[u8], to: &mut Vec<u8>) {
        if !self.encode && !self.escape {
            return to.extend_from_slice(bytes);
        }
        for &byte in bytes {
            let control = (byte < 0x20 && byte != b'\t') || byte == 0x7f;
            if self.encode && control {
                const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
                to.extend_from_slice(&[b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
                continue;
            }
            if self.escape && matches!(byte, b'"' | b'\\' | b']') {
                to.push(b'\\');
            }
            to.push(byte);
        }
    }
}
