//! Networks: `192.0.2.0/24`. An address and a mask, which may have holes (`10.0.0.5/255.0.0.255`), as in HAProxy; a
//! type that keeps the length of a prefix could not represent those.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network: the addresses that have the same bits as a given one wherever a mask has ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// A network of IPv4.
    V4(NetworkV4),
    /// A network of IPv6.
    V6(NetworkV6),
}

/// A network of IPv4 addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NetworkV4 {
    bits: u32,
    mask: u32,
}

/// A network of IPv6 addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NetworkV6 {
    bits: u128,
    mask: u128,
}

/// The error of a text that is not a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network")]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;

    /// Reads `192.0.2.1`, `192.0.2.0/24`, `192.0.2.0/255.255.255.0` or `2001:db8::/32`.
    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let (address, mask) = match text.split_once('/') {
            Some((address, mask)) => (address, Some(mask)),
            None => (text, None),
        };
        Ok(match address.parse().map_err(|_| NetworkError)? {
            IpAddr::V4(address) => {
                let mask = match mask.map(|mask| (mask, mask.parse::<Ipv4Addr>())) {
                    None => u32::MAX,
                    Some((_, Ok(mask))) => mask.to_bits(),
                    Some((length, Err(_))) => {
                        u32::MAX.checked_shl(u32::BITS - ones(length, u32::BITS)?).unwrap_or(0)
                    }
                };
                Network::V4(NetworkV4 { bits: address.to_bits() & mask, mask })
            }
            IpAddr::V6(address) => {
                let mask = match mask {
                    None => u128::MAX,
                    Some(length) => {
                        u128::MAX.checked_shl(u128::BITS - ones(length, u128::BITS)?).unwrap_or(0)
                    }
                };
                Network::V6(NetworkV6 { bits: address.to_bits() & mask, mask })
            }
        })
    }
}

/// Parses the length of a prefix, at most `most`.
fn ones(text: &str, most: u32) -> Result<u32, NetworkError> {
    let length = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    length.filter(|length| *length <= most).ok_or(NetworkError)
}

impl Network {
    /// Returns whether the network contains an address. A network of IPv6 contains an IPv4 address if it contains the
    /// mapped one.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Network::V4(network), IpAddr::V4(address)) => network.contains(address),
            (Network::V6(network), IpAddr::V6(address)) => network.contains(address),
            (Network::V6(network), IpAddr::V4(address)) => network.contains(address.to_ipv6_mapped()),
            (Network::V4(_), IpAddr::V6(_)) => false,
        }
    }
}

impl NetworkV4 {
    /// Returns whether the network contains an address.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        address.to_bits() & self.mask == self.bits
    }
}

impl NetworkV6 {
    /// Returns whether the network contains an address.
    pub fn contains(&self, address: Ipv6Addr) -> bool {
        address.to_bits() & self.mask == self.bits
    }
}

impl fmt::Debug for NetworkV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from_bits(self.bits), Ipv4Addr::from_bits(self.mask))
    }
}

impl fmt::Debug for NetworkV6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv6Addr::from_bits(self.bits), self.mask.leading_ones())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_their_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.77/24", "192.0.2.255", "192.0.3.1"),
            ("192.0.2.0/255.255.255.0", "192.0.2.1", "192.0.3.1"),
            ("10.0.0.5/255.0.0.255", "10.1.2.5", "10.1.2.6"),
            ("0.0.0.0/0", "192.0.2.1", "::ffff:192.0.2.1"),
            ("2001:db8::/32", "2001:db8:1::", "2001:db9::"),
            ("::/0", "192.0.2.1", ""),
            ("::ffff:0:0/96", "192.0.2.1", "::1"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{inside} in {network:?}");
            assert!(
                outside.is_empty() || !network.contains(outside.parse().unwrap()),
                "{outside} in {network:?}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in
            ["10", "10.0.0.0/33", "::/129", "::/ffff::", "example.org", "1.2.3.4/x", "1.2.3.4/+8", "::/", ""]
        {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError), "{bad}");
        }
    }
}
