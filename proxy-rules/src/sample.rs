//! Typed values that fetches return, converters change and matches compare.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// The type of a sample. It is known when the configuration is read, so that a mismatch is refused there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Any type: it is known when the sample is taken.
    Any,
    /// A boolean.
    Bool,
    /// A number.
    Integer,
    /// An IPv4 or IPv6 address.
    Ip,
    /// An IPv4 address, which is known to be one when the configuration is read. The sample is one of type [`Type::Ip`].
    Ipv4,
    /// A text.
    Text,
    /// A byte string.
    Binary,
    /// A request method.
    Method,
}

/// A typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sample<'a> {
    /// A boolean.
    Bool(bool),
    /// A number.
    Integer(i64),
    /// An IP address.
    Ip(IpAddr),
    /// A text in any encoding.
    Text(Cow<'a, [u8]>),
    /// A byte string.
    Binary(Cow<'a, [u8]>),
    /// The name of a request method.
    Method(Cow<'a, [u8]>),
}

impl Sample<'_> {
    /// Returns the type.
    pub fn kind(&self) -> Type {
        match self {
            Sample::Bool(_) => Type::Bool,
            Sample::Integer(_) => Type::Integer,
            Sample::Ip(_) => Type::Ip,
            Sample::Text(_) => Type::Text,
            Sample::Binary(_) => Type::Binary,
            Sample::Method(_) => Type::Method,
        }
    }

    /// Returns the same value with owned bytes.
    pub fn into_owned(self) -> Sample<'static> {
        match self {
            Sample::Bool(value) => Sample::Bool(value),
            Sample::Integer(value) => Sample::Integer(value),
            Sample::Ip(value) => Sample::Ip(value),
            Sample::Text(bytes) => Sample::Text(bytes.into_owned().into()),
            Sample::Binary(bytes) => Sample::Binary(bytes.into_owned().into()),
            Sample::Method(bytes) => Sample::Method(bytes.into_owned().into()),
        }
    }

    /// Returns the bytes, if the value has any.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Sample::Text(bytes) | Sample::Binary(bytes) | Sample::Method(bytes) => Some(bytes),
            Sample::Bool(_) | Sample::Integer(_) | Sample::Ip(_) => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Any => "any",
            Type::Bool => "boolean",
            Type::Integer => "integer",
            Type::Ip => "address",
            Type::Ipv4 => "IPv4 address",
            Type::Text => "string",
            Type::Binary => "binary",
            Type::Method => "method",
        })
    }
}
