//! Values of fields.

use std::fmt;

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number of 32 bits, with a sign.
    S32(i32),
    /// A number of 32 bits.
    U32(u32),
    /// A number of 64 bits.
    U64(u64),
    /// A text. It may contain any characters: names come from the configuration.
    Text(String),
}

impl Value {
    /// Makes a value of 32 bits of a number, the largest one if it does not fit.
    pub fn small(number: usize) -> Value {
        Value::U32(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// Makes a text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// Returns the name of its type in the typed form and in JSON.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::S32(_) => "s32",
            Value::U32(_) => "u32",
            Value::U64(_) => "u64",
            Value::Text(_) => "str",
        }
    }
}

/// Formats the number or the text as it is.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::S32(number) => number.fmt(f),
            Value::U32(number) => number.fmt(f),
            Value::U64(number) => number.fmt(f),
            Value::Text(text) => f.write_str(text),
        }
    }
}
