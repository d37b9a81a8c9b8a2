//! Texts and codes that an expectation adds to the result.

use proxy_rules::{Context, Expression, Format, Sample, Type};

/// A text about the result of an expectation.
#[derive(Debug)]
pub enum Note {
    /// A format of the configuration.
    Format(Format),
    /// A fixed text.
    Text(&'static str),
    /// The response from an offset up to the end of its first line, without spaces at its beginning.
    Line(usize),
    /// The response from an offset on.
    Rest(usize),
}

impl Note {
    /// Appends the text.
    pub(crate) fn write(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        let response = context.response_bytes.map_or(&[][..], |buffered| buffered.bytes);
        match self {
            Note::Format(format) => format.write(context, to),
            Note::Text(text) => to.extend_from_slice(text.as_bytes()),
            Note::Line(from) => {
                let rest = response.get(*from..).unwrap_or_default();
                let blank = rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len());
                let rest = &rest[blank..];
                let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
                to.extend_from_slice(&rest[..end]);
            }
            Note::Rest(from) => to.extend_from_slice(response.get(*from..).unwrap_or_default()),
        }
    }
}

/// A code of the result.
#[derive(Debug)]
pub enum Code {
    /// An expression of the configuration.
    Expression(Expression),
    /// The number that the response begins with, in this many bytes.
    Digits(usize),
}

impl Code {
    /// Returns the code, if there is one.
    pub(crate) fn get(&self, context: &Context<'_>) -> Option<i32> {
        match self {
            Code::Expression(expression) => {
                // As in HAProxy, the value is taken as a text first: bytes may be digits, too.
                let text = expression.get(context)?.cast(Type::Text)?;
                match text.cast(Type::Integer)? {
                    Sample::Integer(value) => i32::try_from(value).ok(),
                    _ => None,
                }
            }
            Code::Digits(length) => {
                let digits = context.response_bytes?.bytes.get(..*length)?;
                let is_digit = |byte: &&u8| byte.is_ascii_digit();
                let value = digits.iter().take_while(is_digit);
                Some(value.fold(0_i32, |value, digit| {
                    value.saturating_mul(10).saturating_add(i32::from(digit - b'0'))
                }))
            }
        }
    }
}
