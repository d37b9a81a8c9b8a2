//! What a protocol is, as data: what it carries, and its place in the table of families.

use std::fmt;

use crate::family::Family;

/// What a protocol carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One byte stream per connection.
    Stream,
    /// Sessions of many streams. The kind exists; calls for it come with the first transport that has it.
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

/// The row of the family table: the type of the socket below, not of what it carries.
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

/// Which of the two cells of a family and type: HAProxy's table has an alternative beside each default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// What an address without a prefix of its own gets.
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
    /// The family.
    pub family: Family,
    /// The row.
    pub socket_type: SocketType,
    /// Which of the two.
    pub slot: Slot,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.family, self.socket_type, self.slot)
    }
}

/// What a protocol is, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The unique name, such as `mptcpv4`.
    pub name: &'static str,
    /// What it carries.
    pub kind: Kind,
    /// The families it serves.
    pub families: &'static [Family],
    /// Its place in the table, taken once for each family. Without one it is reached only by a prefix of its own.
    pub place: Option<(SocketType, Slot)>,
    /// One line for listings.
    pub help: &'static str,
}

impl Descriptor {
    /// The cells it takes.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let place = self.place;
        self.families
            .iter()
            .filter_map(move |&family| place.map(|(socket_type, slot)| Cell { family, socket_type, slot }))
    }
}
