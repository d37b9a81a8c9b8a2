//! The description of a protocol, as data: what it carries, and its place in the family table.

use std::fmt;

use crate::family::Family;

/// What a protocol carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One byte stream per connection.
    Stream,
    /// Sessions of many streams. No calls for it exist before the first transport that has it.
    Multiplexed,
    /// Datagrams, for log targets and name servers.
    Datagram,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Stream => "stream",
            Kind::Multiplexed => "multiplexed",
            Kind::Datagram => "datagram",
        })
    }
}

/// The row of the family table: the type of the underlying socket, which need not be what the protocol carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SocketType {
    /// `SOCK_STREAM`.
    Stream,
    /// `SOCK_DGRAM`.
    Datagram,
}

impl fmt::Display for SocketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SocketType::Stream => "stream",
            SocketType::Datagram => "datagram",
        })
    }
}

/// One of the two cells of a family and socket type: HAProxy's table has an alternative beside each default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The protocol of an address without a prefix.
    Default,
    /// The alternative: MPTCP beside TCP, plain datagrams beside QUIC.
    Alternate,
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Slot::Default => "default",
            Slot::Alternate => "alternate",
        })
    }
}

/// One cell of the family table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The address family.
    pub family: Family,
    /// The socket type, which is the row.
    pub socket_type: SocketType,
    /// The slot within the row.
    pub slot: Slot,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.family, self.socket_type, self.slot)
    }
}

/// The description of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The unique name, such as `mptcpv4`.
    pub name: &'static str,
    /// What the protocol carries.
    pub kind: Kind,
    /// The families that it serves.
    pub families: &'static [Family],
    /// Its place in the table, taken once for each family. Without one, only a prefix of its own selects it.
    pub place: Option<(SocketType, Slot)>,
    /// One line of help for listings.
    pub help: &'static str,
}

impl Descriptor {
    /// Returns the cells that it takes.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let place = self.place;
        self.families
            .iter()
            .filter_map(move |&family| place.map(|(socket_type, slot)| Cell { family, socket_type, slot }))
    }
}
