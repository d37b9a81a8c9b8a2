//! `option forwardfor` and `option originalto`: addresses of the client's connection that servers are told.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// `option forwardfor`: the client's address, in a field of the request.
///
/// Frontend and backend may both have it. Then, as in HAProxy, the field of the backend is written, once; not if the
/// address is in the network of either; and not if the request has the field and both say `if-none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardFor {
    /// The name of the field, in lower case; `x-forwarded-for` by default.
    pub name: String,
    /// Clients whose address is not told.
    pub except: Option<Network>,
    /// A request that has the field already is left as it is. Otherwise another one is appended.
    pub if_none: bool,
}

/// `option originalto`: the address that the client connected to, in a field of the request. Those of frontend and
/// backend are combined as for [`ForwardFor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalTo {
    /// The name of the field, in lower case; `x-original-to` by default.
    pub name: String,
    /// Addresses that are not told.
    pub except: Option<Network>,
}

/// A network: the addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    mask: u128,
}

/// A text is not a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address, perhaps with a mask")]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;

    /// Reads `192.0.2.1`, `192.0.2.0/24`, `192.0.2.0/255.255.255.0` or `2001:db8::/32`.
    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let (address, mask) = match text.split_once('/') {
            Some((address, mask)) => (address, Some(mask)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let mask = match mask {
            None => leading_ones(width, width),
            Some(mask) if mask.contains('.') && address.is_ipv4() => {
                u128::from(mask.parse::<Ipv4Addr>().map_err(|_| NetworkError)?.to_bits())
            }
            Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                let length = length.parse().ok().filter(|length| *length <= width).ok_or(NetworkError)?;
                leading_ones(length, width)
            }
            Some(_) => return Err(NetworkError),
        };
        Ok(Network { address, mask })
    }
}

impl Network {
    /// Whether an address belongs to it. An IPv4 address may be written as an IPv4-mapped IPv6 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                u128::from(own.to_bits() ^ other.to_bits()) & self.mask == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()) & self.mask == 0,
            // A network of IPv4-mapped addresses.
            (IpAddr::V6(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_ipv6_mapped().to_bits()) & self.mask == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) => false,
        }
    }
}

/// A mask of `width` bits of which the first `ones` are set.
fn leading_ones(ones: u32, width: u32) -> u128 {
    let all = u128::MAX >> (128 - width);
    all & !all.checked_shr(ones).unwrap_or(0)
}
