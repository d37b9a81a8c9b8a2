//! Prefixes of the address language, as data.
//!
//! A prefix restricts an address: to families, to a socket type, and to a slot of the table or to protocols by name.
//! Prefixes that concern only families and types are defined here; transports register their own.

use crate::descriptor::{Slot, SocketType};
use crate::family::Family;

/// What a prefix selects within the families and types that it admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The protocol in this slot of the table.
    Slot(Slot),
    /// These protocols, by name, of which the one that serves the family of the address is used. For protocols without
    /// a cell.
    Protocols(&'static [&'static str]),
}

/// A prefix: its text, and what it restricts. `None` leaves a property open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The text, ending in `@`, or in `+` if another prefix may follow.
    pub text: &'static str,
    /// The families it admits.
    pub families: Option<&'static [Family]>,
    /// The socket type it forces.
    pub socket_type: Option<SocketType>,
    /// The slot or the protocols that it selects.
    pub target: Option<Target>,
    /// One line of help for listings.
    pub help: &'static str,
}

impl Prefix {
    /// Returns a prefix that admits some families and leaves the rest open.
    pub const fn family(text: &'static str, families: &'static [Family], help: &'static str) -> Prefix {
        Prefix { text, families: Some(families), socket_type: None, target: None, help }
    }

    /// Returns a prefix that selects one slot of the table.
    pub const fn slot(
        text: &'static str,
        families: &'static [Family],
        socket_type: SocketType,
        slot: Slot,
        help: &'static str,
    ) -> Prefix {
        Prefix {
            text,
            families: Some(families),
            socket_type: Some(socket_type),
            target: Some(Target::Slot(slot)),
            help,
        }
    }

    /// Returns a prefix that selects protocols by name, for those without a cell in the table.
    pub const fn protocols(
        text: &'static str,
        families: &'static [Family],
        socket_type: SocketType,
        names: &'static [&'static str],
        help: &'static str,
    ) -> Prefix {
        Prefix {
            text,
            families: Some(families),
            socket_type: Some(socket_type),
            target: Some(Target::Protocols(names)),
            help,
        }
    }

    /// Returns a prefix ending in `+`, which forces a type and may select a target; a prefix with `@` may follow.
    pub const fn modifier(
        text: &'static str,
        socket_type: SocketType,
        target: Option<Target>,
        help: &'static str,
    ) -> Prefix {
        Prefix { text, families: None, socket_type: Some(socket_type), target, help }
    }

    /// Returns whether another prefix may follow.
    pub fn is_modifier(&self) -> bool {
        self.text.ends_with('+')
    }
}

/// Returns whether a text can be the word of a prefix or the name of a layer.
pub(crate) fn is_plain_word(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The prefixes that select no transport.
pub(crate) const PREFIXES: &[Prefix] = &[
    Prefix::family("ip@", Family::INTERNET, "an IPv4 or IPv6 address, by its syntax"),
    Prefix::family("ipv4@", &[Family::INET4], "an IPv4 address"),
    Prefix::family("ipv6@", &[Family::INET6], "an IPv6 address"),
    Prefix::family("unix@", &[Family::UNIX], "the path of a UNIX socket"),
    Prefix::family("abns@", &[Family::ABNS], "an abstract UNIX name, filled up with zeroes"),
    Prefix::family("abnsz@", &[Family::ABNSZ], "an abstract UNIX name that ends with its text"),
    Prefix::family("fd@", &[Family::FD], "a socket inherited from the parent, by its descriptor"),
    Prefix::modifier("stream+", SocketType::Stream, None, "forces a stream socket"),
    Prefix::modifier("dgram+", SocketType::Datagram, None, "forces a datagram socket"),
];

/// Prefixes of the language that a transport registers, with the crate that has it, for the message when it is
/// missing.
pub(crate) const ELSEWHERE: &[(&str, &str)] = &[
    ("tcp@", "proto-tcp"),
    ("tcp4@", "proto-tcp"),
    ("tcp6@", "proto-tcp"),
    ("mptcp@", "proto-mptcp"),
    ("mptcp4@", "proto-mptcp"),
    ("mptcp6@", "proto-mptcp"),
    ("uxst@", "proto-unix"),
    ("sockpair@", "proto-unix"),
    ("quic4@", "proto-quic-stub"),
    ("quic6@", "proto-quic-stub"),
    ("quic+", "proto-quic-stub"),
    ("rhttp@", "a reverse-HTTP transport"),
];

/// The crate that fills each cell of the table, for the message when it is empty.
pub(crate) const HOMES: &[(&[Family], SocketType, Slot, &str)] = &[
    (Family::INTERNET, SocketType::Stream, Slot::Default, "proto-tcp"),
    (Family::INTERNET, SocketType::Stream, Slot::Alternate, "proto-mptcp"),
    (Family::INTERNET, SocketType::Datagram, Slot::Default, "proto-quic-stub"),
    (&[Family::UNIX, Family::ABNS, Family::ABNSZ], SocketType::Stream, Slot::Default, "proto-unix"),
];
