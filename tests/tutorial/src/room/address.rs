//! Addresses of the family: `lobby/7` is door 7 of the room `lobby`.
//!
//! ```text
//!  room  = name "/" door
//!  name  = 1 to 64 letters, digits, "-" and "_"; capitals count as small letters
//!  door  = 0 to 65535; 0 lets `bind` choose one
//! ```

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use proto_core::address::{Address, Host, OtherAddress};
use proto_core::family::{Family, FamilyEntry, HostError};
use socket2::SockAddr;

/// The family. Addresses print as `room@lobby/7`, which its prefix reads again because the two have one name.
pub const FAMILY: Family = Family::new("room");

/// How its hosts are read.
pub(crate) const ENTRY: FamilyEntry = FamilyEntry {
    family: FAMILY,
    // The door is part of the host: `:` and a port are the Internet's.
    ports: false,
    parse: |text| Ok(Host::Other(text.parse::<Room>()?.to_host())),
};

/// Bytes of the longest name. With the rest it stays well below the 107 that a socket's name has room for.
const LONGEST: usize = 64;

/// A door of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) name: String,
    /// 0 where any door will do.
    pub(super) door: u16,
}

/// What can be wrong with a room.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RoomError {
    #[error("a room is a name, '/' and the number of a door, such as 'lobby/7'")]
    NoDoor,
    #[error("the name of a room is missing")]
    NoName,
    #[error("character {0:?} cannot stand in the name of a room")]
    BadCharacter(char),
    #[error("'{}' is not a door, which is a number from 0 to 65535", .0.escape_debug())]
    BadDoor(String),
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
        let number = door.parse().ok().filter(|_| door.bytes().all(|b| b.is_ascii_digit()));
        let door = number.ok_or_else(|| RoomError::BadDoor(door.to_owned()))?;
        Ok(Room { name: name.to_ascii_lowercase(), door })
    }
}

/// The one spelling of a room, so that equal text is the same room.
impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.door)
    }
}

impl Room {
    /// The room that an address means; `None` for an address of another family, or of a guest.
    pub(super) fn of(address: &Address) -> Option<Room> {
        match address {
            Address::Other(other) if other.family == FAMILY => other.host.parse().ok(),
            _ => None,
        }
    }

    fn to_host(&self) -> OtherAddress {
        OtherAddress { family: FAMILY, host: self.to_string().into() }
    }

    pub(super) fn to_address(&self) -> Address {
        Address::Other(self.to_host())
    }

    /// The name of its socket. It is an abstract one, which begins with a zero byte (`unix(7)`): it leaves no file
    /// behind, and the kernel forgets it with the last socket.
    pub(super) fn to_system(&self) -> std::io::Result<SockAddr> {
        SockAddr::unix(format!("\0braid-room/{self}"))
    }
}

/// Whoever comes through a door has no address of their own.
pub(super) fn guest() -> Address {
    Address::Other(OtherAddress { family: FAMILY, host: Arc::from("") })
}
