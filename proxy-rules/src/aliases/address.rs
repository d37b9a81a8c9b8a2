//! How addresses are written in formats.

use proto_core::address::Address;

use crate::format::Field;

/// The IP address; of addresses that have none the word for their family: clients of UNIX sockets have none worth
/// telling.
pub(super) fn host(address: Option<&Address>, field: &mut Field<'_>) {
    match (address, address.and_then(Address::known_as)) {
        (None, _) => field.missing(),
        (_, Some(known)) => field.ip(known.ip()),
        (Some(Address::Unix(_)), _) => field.text(b"unix"),
        (Some(other), _) => field.text(other.family().name().as_bytes()),
    }
}

/// The port; of addresses without one, a number that stands for it.
pub(super) fn port(address: Option<&Address>, otherwise: u32, field: &mut Field<'_>) {
    match (address, address.and_then(Address::known_as)) {
        (None, _) => field.missing(),
        (_, Some(known)) => field.port(known.port()),
        (Some(_), None) => field.number(otherwise),
    }
}
