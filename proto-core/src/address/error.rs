//! The mistakes in addresses, each with its own message and its place in the text.

use std::fmt;

use crate::descriptor::{Kind, SocketType};
use crate::family::{Family, HostError};

/// A mistake in an address, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    /// The address as it was written.
    pub text: String,
    /// The place of the mistake, as a byte offset into `text`.
    pub offset: usize,
    /// The mistake.
    pub kind: AddressErrorKind,
    /// Variables in the address that are not set, which may be the real cause.
    pub unset: Vec<String>,
}

impl AddressError {
    /// Returns the column of the mistake, in characters from 1.
    pub fn column(&self) -> usize {
        self.text.char_indices().take_while(|(at, _)| *at < self.offset).count() + 1
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in '{}', column {}: {}", self.text.escape_debug(), self.column(), self.kind)?;
        for name in &self.unset {
            write!(f, "; the environment variable {name} is not set")?;
        }
        Ok(())
    }
}

impl std::error::Error for AddressError {}

/// The mistakes that an address can contain. Messages show the text with control characters escaped, since they are
/// printed on a terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressErrorKind {
    /// An address that is empty, or empty after expansion.
    #[error("the address is empty")]
    Empty,
    /// `${` without `}`.
    #[error("'${{' is not closed by '}}'")]
    UnclosedBrace,
    /// `$` without the name of a variable.
    #[error("'{}' is not the name of an environment variable", name.escape_debug())]
    BadVariable {
        /// The text that was found instead.
        name: String,
    },
    /// A prefix that no crate registered.
    #[error("unknown prefix '{prefix}'{}", suggestion(nearest))]
    UnknownPrefix {
        /// The prefix, with its `@` or `+`.
        prefix: String,
        /// The nearest known prefix.
        nearest: Option<String>,
    },
    /// A prefix of the language whose transport this binary does not contain.
    #[error("prefix '{prefix}' is known, but not built into this binary ({needs} is not linked)")]
    NotLinked {
        /// The prefix.
        prefix: String,
        /// The crate or feature that has it.
        needs: &'static str,
    },
    /// `dgram+tcp@` and the like.
    #[error("'{first}' and '{second}' contradict each other")]
    Contradiction {
        /// The socket type prefix.
        first: String,
        /// The prefix after it.
        second: String,
    },
    /// An address of a socket type that is not allowed here.
    #[error("a {found} address is not allowed here")]
    WrongType {
        /// The type of the address.
        found: SocketType,
    },
    /// `stream+lz+tcp@`.
    #[error("the layer '{layer}+' must come before '{modifier}'")]
    LayerAfterModifier {
        /// The layer.
        layer: String,
        /// The modifier before it.
        modifier: String,
    },
    /// More layers than an address may have.
    #[error("more than {most} layers around one address")]
    TooManyLayers {
        /// The highest number of layers.
        most: usize,
    },
    /// A layer where an address carries no bytes: a source, a log target.
    #[error("a layer is not allowed here")]
    LayerNotAllowed,
    /// A layer around a protocol that carries no byte stream.
    #[error("the layer '{layer}+' is for streams; {protocol} is a {found} protocol")]
    LayerNeedsStream {
        /// The layer.
        layer: &'static str,
        /// The protocol.
        protocol: &'static str,
        /// What the protocol carries.
        found: Kind,
    },
    /// A host that is not valid in its family.
    #[error("'{}' is not an address of the family {family}: {cause}", host.escape_debug())]
    Host {
        /// The host as written.
        host: String,
        /// The family it was read for.
        family: Family,
        /// The reason.
        cause: HostError,
    },
    /// `[` without `]`.
    #[error("'[' is not closed by ']'")]
    UnclosedBracket,
    /// `[::1]80`.
    #[error("only ':' and a port can follow ']'")]
    AfterBracket,
    /// `2001:db8::1`, of which the last part might be a port.
    #[error("an IPv6 address without brackets needs ':' and the port after it")]
    BareIpv6,
    /// A name where only an address is allowed.
    #[error("'{}' is a name; only an address is allowed here", host.escape_debug())]
    NameNotAllowed {
        /// The name.
        host: String,
    },
    /// A missing port where one is mandatory.
    #[error("the port is missing")]
    PortMissing,
    /// A port where none is allowed.
    #[error("no port is allowed here")]
    PortNotAllowed,
    /// A range where only one port is allowed.
    #[error("a range of ports is not allowed here")]
    RangeNotAllowed,
    /// Several hosts of a transport's family where only one is allowed.
    #[error("a range of addresses is not allowed here")]
    HostRangeNotAllowed,
    /// `+N` or `-N` where ports are absolute.
    #[error("a port offset is not allowed here")]
    OffsetNotAllowed,
    /// A port that is not a number.
    #[error("'{}' is not a port number", port.escape_debug())]
    PortNotANumber {
        /// The text that was found instead.
        port: String,
    },
    /// A number over 65535.
    #[error("port {port} is over 65535")]
    PortTooLarge {
        /// The number as written.
        port: String,
    },
    /// Port 0 where a real port is needed.
    #[error("port 0 is not allowed here")]
    PortZero,
    /// A range whose end is lower than its beginning.
    #[error("the range begins at {low} and ends at {high}, which is lower")]
    RangeReversed {
        /// The first port.
        low: u16,
        /// The last port.
        high: u16,
    },
    /// `fd@` where no inherited socket is allowed.
    #[error("a file descriptor is not allowed here")]
    InheritedNotAllowed,
    /// A cell of the table for which this binary has no protocol.
    #[error(
        "no {socket_type} protocol for {}the family {family} is built into this binary{}",
        before_family(prefix),
        missing(needs)
    )]
    NoProtocol {
        /// The family.
        family: Family,
        /// The socket type.
        socket_type: SocketType,
        /// The prefixes as written; may be empty.
        prefix: Box<str>,
        /// The crate that has one, if it is known.
        needs: Option<&'static str>,
    },
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|known| format!("; did you mean '{known}'?")).unwrap_or_default()
}

fn before_family(prefix: &str) -> String {
    if prefix.is_empty() { String::new() } else { format!("'{prefix}' and ") }
}

fn missing(needs: &Option<&'static str>) -> String {
    needs.map(|needs| format!(" ({needs} is not linked)")).unwrap_or_default()
}
