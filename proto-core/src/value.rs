//! A value that a transport tells of a connection.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// A value that a [`SampleFetch`](crate::extension::SampleFetch) or [`ConnectionInfo`](crate::info::ConnectionInfo) gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A number without a unit, or of bytes.
    Integer(u64),
    /// A span of time.
    Duration(Duration),
    /// An IP address.
    Ip(IpAddr),
    /// Text.
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
