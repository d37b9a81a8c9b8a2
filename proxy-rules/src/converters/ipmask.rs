//! `ipmask`: the network of an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::cast::as_v4;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::{Input, Inputs};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Ipmask {
    v4: Ipv4Addr,
    v6: Option<Ipv6Addr>,
}

impl Converter for Ipmask {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Ip(address) = sample else { return None };
        // An IPv4 address in IPv6 is one of IPv4, as in HAProxy.
        let v4 = match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(address) => as_v4(address),
        };
        Some(Sample::Ip(match (v4, address) {
            (Some(address), _) | (None, IpAddr::V4(address)) => IpAddr::V4(address & self.v4),
            (None, IpAddr::V6(address)) => IpAddr::V6(address & self.v6?),
        }))
    }
}

/// Reads a mask: its length, or its bits as an address.
fn mask<T>(inputs: &Inputs<'_>, input: &Input, bits: u8, of: fn(u128) -> T) -> proxy_config::Parsed<T>
where
    T: std::str::FromStr,
{
    let length = input.text.parse::<u8>().ok().filter(|length| *length <= bits);
    let mask = length.map(|length| of(u128::MAX.checked_shl(u32::from(bits - length)).unwrap_or(0)));
    mask.or_else(|| input.text.parse().ok())
        .ok_or_else(|| inputs.bad(input, format!("a mask: its length of at most {bits}, or an address")))
}

inventory::submit! {
    ConverterEntry::new(
        "ipmask",
        "<mask of IPv4>[,<mask of IPv6>]",
        Type::Ip,
        Type::Ip,
        "its network; an IPv6 address needs the second mask",
        |inputs| {
            let first = inputs.input("a mask of IPv4")?;
            let v4 = mask(inputs, first, 32, |bits| Ipv4Addr::from_bits(bits as u32))?;
            let v6 = match inputs.take() {
                Some(second) => Some(mask(inputs, second, 128, Ipv6Addr::from_bits)?),
                None => None,
            };
            Ok(Box::new(Ipmask { v4, v6 }))
        },
    )
}
