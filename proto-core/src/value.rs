//! A value that a transport reports about a connection.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// The value of a [`SampleFetch`](crate::extension::SampleFetch) or of a fact in
/// [`ConnectionInfo`](crate::info::ConnectionInfo).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A number without a unit, or a number of bytes.
    Integer(u64),
    /// A duration.
    Duration(Duration),
    /// An IP address.
    Ip(IpAddr),
    /// A text.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => value.fmt(f),
            Value::Integer(value) => value.fmt(f),
            Value::Duration(value) => write!(f, "{value:?}"),
            Value::Ip(value) => value.fmt(f),
            Value::Text(value) => f.write_str(value),
        }
    }
}
