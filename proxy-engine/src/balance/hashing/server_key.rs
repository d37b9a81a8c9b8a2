//! The number that the points of a server on a ring begin from: `hash-key`. It is HAProxy's, so that both lead the same
//! key to the same server.

use std::net::{IpAddr, SocketAddr};

use proxy_rules::hash::{avalanche, xxh32};

use crate::policy::{HashKey, MAX_WEIGHT, WEIGHT_SCALE};

/// The most points of a server, one for each unit of its effective weight: the distance between the numbers from which
/// the points of two servers are computed.
const STRIDE: u32 = MAX_WEIGHT as u32 * WEIGHT_SCALE;

/// Returns the number of a server. One without an IP address is known by its number alone.
pub(crate) fn ring_key(key: HashKey, id: u32, address: impl FnOnce() -> Option<SocketAddr>) -> u32 {
    let of_address = |ip: IpAddr, before: u32| match ip {
        // As a machine with the lowest byte first reads it.
        IpAddr::V4(ip) => avalanche(before.wrapping_add(u32::from_le_bytes(ip.octets()))),
        IpAddr::V6(ip) => xxh32(&ip.octets(), before),
    };
    let address = match key {
        HashKey::Id | HashKey::Id32 => None,
        HashKey::Address | HashKey::AddressAndPort => address(),
    };
    match (key, address) {
        (HashKey::Address, Some(address)) => of_address(address.ip(), 0),
        (HashKey::AddressAndPort, Some(address)) => {
            of_address(address.ip(), avalanche(address.port().into()))
        }
        (HashKey::Id32, _) => avalanche(id.swap_bytes()),
        (HashKey::Id | HashKey::Address | HashKey::AddressAndPort, _) => id.wrapping_mul(STRIDE),
    }
}
