//! Addresses in formats.

use proto_core::address::Address;

use crate::format::Field;

/// Writes the IP address. For an address that has none it writes the word for its family, since clients of UNIX sockets
/// have no address that is worth logging.
pub(super) fn host(address: Option<&Address>, field: &mut Field<'_>) {
    match (address, address.and_then(Address::known_as)) {
        (None, _) => field.missing(),
        (_, Some(known)) => field.ip(known.ip()),
        (Some(Address::Unix(_)), _) => field.text(b"unix"),
        (Some(other), _) => field.text(other.family().name().as_bytes()),
    }
}

/// Writes the port; for an address without one, a number in its place.
pub(super) fn port(address: Option<&Address>, otherwise: u32, field: &mut Field<'_>) {
    match (address, address.and_then(Address::known_as)) {
        (None, _) => field.missing(),
        (_, Some(known)) => field.port(known.port()),
        (Some(_), None) => field.number(otherwise),
    }
}
