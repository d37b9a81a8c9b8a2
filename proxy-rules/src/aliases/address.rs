//! How addresses are written in formats.

use proto_core::address::Address;

use crate::format::Field;

/// The IP address; of other addresses the word for their family: clients of UNIX sockets have none worth telling.
pub(super) fn host(address: Option<&Address>, field: &mut Field<'_>) {
    match address {
        None => field.missing(),
        Some(Address::Inet(address)) => field.ip(address.ip()),
        Some(Address::Unix(_)) => field.text(b"unix"),
        Some(other) => field.text(other.family().name().as_bytes()),
    }
}

/// The port; of addresses without one, a number that stands for it.
pub(super) fn port(address: Option<&Address>, otherwise: u32, field: &mut Field<'_>) {
    match address {
        None => field.missing(),
        Some(Address::Inet(address)) => field.port(address.port()),
        Some(_) => field.number(otherwise),
    }
}
