//! The addresses of the family: `lobby/7` is door 7 of the room `lobby`.
//!
//! ```text
//!  room  = name "/" door
//!  doors = name "/" door "-" door, for listening on all from the first to the last
//!  name  = 1 to 64 letters, digits, "-" and "_"; case is ignored
//!  door  = 0 to 65535; 0 lets `bind` choose one
//! ```

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use proto_core::address::{Address, Host, OtherAddress, OtherRange};
use proto_core::family::{Family, FamilyEntry, HostError};
use socket2::SockAddr;

/// The family. Addresses are printed as `room@lobby/7`, which its prefix reads again since both have the same name.
pub const FAMILY: Family = Family::new("room");

/// The parser of the family's hosts.
pub(crate) const ENTRY: FamilyEntry = FamilyEntry {
    family: FAMILY,
    // The door is part of the host: only Internet addresses have `:` and a port.
    parse: |text| match text.split_once('/').and_then(|(_, doors)| doors.split_once('-')) {
        Some((_, last)) => range(&text[..text.len() - last.len() - 1], last),
        None => Ok(Host::Other(text.parse::<Room>()?.to_host())),
    },
};

/// Reads a range of doors: `lobby/7-9`.
fn range(first: &str, last: &str) -> Result<Host, HostError> {
    let first: Room = first.parse()?;
    let last = Room { door: door(last)?, name: first.name.clone() };
    if first.door == 0 || first.door > last.door {
        return Err(RoomError::BadRange.into());
    }
    if first == last {
        return Ok(Host::Other(first.to_host()));
    }
    let text = format!("{first}-{}", last.door);
    let doors = (first.door..=last.door).map(|door| Room { door, ..first.clone() }.to_host());
    OtherRange::new(text, doors).map(Host::Range)
}

/// The longest name, in bytes. With the rest it stays well below the 107 bytes of a socket's name.
const LONGEST: usize = 64;

/// A door of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) name: String,
    /// The number of the door; 0 for any door.
    pub(super) door: u16,
}

/// The mistakes in an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RoomError {
    #[error("a room is a name, '/' and the number of a door, such as 'lobby/7'")]
    NoDoor,
    #[error("the name of a room is missing")]
    NoName,
    #[error("character {0:?} is not allowed in the name of a room")]
    BadCharacter(char),
    #[error("'{}' is not a door, which is a number from 0 to 65535", .0.escape_debug())]
    BadDoor(String),
    #[error("a range of doors begins at 1 or more and ends at the same door or a later one")]
    BadRange,
    #[error("the name of a room has at most {LONGEST} bytes, this one has {0}")]
    TooLong(usize),
}

impl From<RoomError> for HostError {
    fn from(error: RoomError) -> HostError {
        HostError::malformed(error.to_string())
    }
}

impl FromStr for Room {
    type Err = RoomError;

    fn from_str(text: &str) -> Result<Room, RoomError> {
        let (name, door) = text.split_once('/').ok_or(RoomError::NoDoor)?;
        if name.is_empty() {
            return Err(RoomError::NoName);
        }
        if let Some(bad) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
            return Err(RoomError::BadCharacter(bad));
        }
        if name.len() > LONGEST {
            return Err(RoomError::TooLong(name.len()));
        }
        Ok(Room { name: name.to_ascii_lowercase(), door: self::door(door)? })
    }
}

fn door(text: &str) -> Result<u16, RoomError> {
    let number = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    number.ok_or_else(|| RoomError::BadDoor(text.to_owned()))
}

/// Formats the one spelling of a room, so that equal text means the same room.
impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.door)
    }
}

impl Room {
    /// Returns the room of an address, or `None` for an address of another family, or of a guest.
    pub(super) fn of(address: &Address) -> Option<Room> {
        match address {
            Address::Other(other) if other.family == FAMILY => other.host().parse().ok(),
            _ => None,
        }
    }

    /// Returns the host. A room is on this machine, so rules and logs use the loopback address, with the door as the
    /// port.
    fn to_host(&self) -> OtherAddress {
        let known_as = (Ipv4Addr::LOCALHOST, self.door);
        OtherAddress::new(FAMILY, self.to_string()).with_known_as(known_as.into())
    }

    pub(super) fn to_address(&self) -> Address {
        Address::Other(self.to_host())
    }

    /// Returns the name of its socket. It is an abstract one, which begins with a zero byte (`unix(7)`): it has no
    /// file, and the kernel removes it with the last socket.
    pub(super) fn to_system(&self) -> std::io::Result<SockAddr> {
        SockAddr::unix(format!("\0braid-room/{self}"))
    }
}

/// Returns the address of a guest, which has no name and is on this machine too.
pub(super) fn guest() -> Address {
    let known_as = (Ipv4Addr::LOCALHOST, 0);
    Address::Other(OtherAddress::new(FAMILY, "").with_known_as(known_as.into()))
}
