//! What can be wrong with an address, each mistake with its own message and its place in the text.

use std::fmt;

use crate::descriptor::{Kind, SocketType};
use crate::family::{Family, HostError};

/// A mistake in an address: what, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    /// The address as it was written.
    pub text: String,
    /// Where the mistake is: a byte offset into `text`.
    pub offset: usize,
    /// The mistake.
    pub kind: AddressErrorKind,
    /// Variables in the address that are not set, which may be the real cause.
    pub unset: Vec<String>,
}

impl AddressError {
    /// The column, counted in characters from 1.
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

/// The mistakes an address can hold. A message shows what was written with control characters escaped, for it ends on
/// a terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressErrorKind {
    /// Nothing was written, or nothing was left after expansion.
    #[error("the address is empty")]
    Empty,
    /// `${` without `}`.
    #[error("'${{' is not closed by '}}'")]
    UnclosedBrace,
    /// `$` without a name of a variable.
    #[error("'{}' is not the name of an environment variable", name.escape_debug())]
    BadVariable {
        /// What stood there.
        name: String,
    },
    /// No crate registered this prefix.
    #[error("unknown prefix '{prefix}'{}", suggestion(nearest))]
    UnknownPrefix {
        /// The prefix, with its `@` or `+`.
        prefix: String,
        /// The nearest known one.
        nearest: Option<String>,
    },
    /// A prefix of the language whose transport this binary has not got.
    #[error("prefix '{prefix}' is known, but not built into this binary ({needs} is not linked)")]
    NotLinked {
        /// The prefix.
        prefix: String,
        /// The crate or feature that would bring it.
        needs: &'static str,
    },
    /// `dgram+tcp@` and the like.
    #[error("'{first}' and '{second}' contradict each other")]
    Contradiction {
        /// The socket type prefix.
        first: String,
        /// The prefix behind it.
        second: String,
    },
    /// The place wants another socket type.
    #[error("a {found} address cannot stand here")]
    WrongType {
        /// The type of the address.
        found: SocketType,
    },
    /// `stream+lz+tcp@`.
    #[error("the layer '{layer}+' has to stand before '{modifier}'")]
    LayerAfterModifier {
        /// The layer.
        layer: String,
        /// What stands before it.
        modifier: String,
    },
    /// More layers than an address may have.
    #[error("more than {most} layers around one address")]
    TooManyLayers {
        /// How many there may be.
        most: usize,
    },
    /// A layer where bytes are not carried: a source, a log target.
    #[error("a layer cannot stand here")]
    LayerNotAllowed,
    /// A layer around what is no byte stream.
    #[error("the layer '{layer}+' is for streams; {protocol} is a {found} protocol")]
    LayerNeedsStream {
        /// The layer.
        layer: &'static str,
        /// The protocol.
        protocol: &'static str,
        /// What that carries.
        found: Kind,
    },
    /// The host is not one of its family.
    #[error("'{}' is not an address of the family {family}: {cause}", host.escape_debug())]
    Host {
        /// The host as written.
        host: String,
        /// The family it was read for.
        family: Family,
        /// Why not.
        cause: HostError,
    },
    /// `[` without `]`.
    #[error("'[' is not closed by ']'")]
    UnclosedBracket,
    /// `[::1]80`.
    #[error("only ':' and a port can follow ']'")]
    AfterBracket,
    /// `2001:db8::1`, of which the last part might be a port.
    #[error("an IPv6 address that is not in brackets needs ':' behind it, and then the port")]
    BareIpv6,
    /// A name where only an address can stand.
    #[error("'{}' is a name; only an address can stand here", host.escape_debug())]
    NameNotAllowed {
        /// The name.
        host: String,
    },
    /// No port where there must be one.
    #[error("the port is missing")]
    PortMissing,
    /// A port where there must be none.
    #[error("no port can stand here")]
    PortNotAllowed,
    /// A range where only one port can stand.
    #[error("a range of ports cannot stand here")]
    RangeNotAllowed,
    /// Several hosts of a transport's family where only one can stand.
    #[error("a range of addresses cannot stand here")]
    HostRangeNotAllowed,
    /// `+N` or `-N` where ports are absolute.
    #[error("a port offset cannot stand here")]
    OffsetNotAllowed,
    /// Something that is no number.
    #[error("'{}' is not a port number", port.escape_debug())]
    PortNotANumber {
        /// What stood there.
        port: String,
    },
    /// A number over 65535.
    #[error("port {port} is over 65535")]
    PortTooLarge {
        /// The number as written.
        port: String,
    },
    /// Port 0 where a real one is wanted.
    #[error("port 0 cannot stand here")]
    PortZero,
    /// A range that runs backwards.
    #[error("the range begins at {low} and ends at {high}, which is lower")]
    RangeReversed {
        /// The first port.
        low: u16,
        /// The second.
        high: u16,
    },
    /// `fd@` where no inherited socket can stand.
    #[error("a file descriptor cannot stand here")]
    InheritedNotAllowed,
    /// No protocol of this binary has the cell of the table.
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
        /// The crate that would bring one, if it is known.
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
