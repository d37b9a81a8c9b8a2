//! Addresses of families that transports register: one, and several that are written as one.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::host_error::HostError;
use crate::family::Family;

/// An address of a family that this crate does not know: the family, and the text as its parser normalised it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherAddress {
    /// The family of the address.
    pub family: Family,
    /// Stored separately, since every connection holds addresses, and few are of such a family.
    rest: Arc<Rest>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Rest {
    host: Box<str>,
    known_as: Option<SocketAddr>,
}

impl OtherAddress {
    /// Returns an address without an IP address. The parser of the family normalises the host: equal text means equal
    /// addresses.
    pub fn new(family: Family, host: impl Into<Box<str>>) -> OtherAddress {
        OtherAddress { family, rest: Arc::new(Rest { host: host.into(), known_as: None }) }
    }

    /// Sets the IP address and port to use where only those are possible: in the samples `src` and `dst`, in log
    /// lines, in fields like `X-Forwarded-For`, in PROXY headers, for balancing by source. It is part of the host:
    /// equal hosts must have equal ones. Port 0 means that there is no port.
    #[must_use]
    pub fn with_known_as(self, addr: SocketAddr) -> OtherAddress {
        let rest = Rest { host: self.host().into(), known_as: Some(addr) };
        OtherAddress { rest: Arc::new(rest), ..self }
    }

    /// Returns the host.
    pub fn host(&self) -> &str {
        &self.rest.host
    }

    /// Returns that IP address and port. Without them, rules and logs treat the address like a UNIX socket: `src` has
    /// no value, and a log line has the name of the family.
    pub fn known_as(&self) -> Option<SocketAddr> {
        self.rest.known_as
    }
}

/// Several addresses of such a family that are written as one, such as `lobby/7-9`. They are allowed where a range of
/// ports is: `bind` listens on each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherRange {
    text: Arc<str>,
    addresses: Vec<OtherAddress>,
}

impl OtherRange {
    /// The highest number of addresses in a range, which is the number of ports.
    pub const MOST: usize = 1 << 16;

    /// Returns a range with this canonical text, which the parser of the family must read back, and these addresses.
    ///
    /// # Errors
    /// Returns an error if there are no addresses, too many, or addresses of two families.
    pub fn new(
        text: impl Into<Arc<str>>,
        addresses: impl IntoIterator<Item = OtherAddress>,
    ) -> Result<OtherRange, HostError> {
        let addresses: Vec<OtherAddress> = addresses.into_iter().take(OtherRange::MOST + 1).collect();
        let Some(first) = addresses.first() else { return Err(HostError::malformed("the range is empty")) };
        if addresses.len() > OtherRange::MOST {
            let most = OtherRange::MOST;
            return Err(HostError::malformed(format!("the range has more than {most} addresses")));
        }
        if addresses.iter().any(|address| address.family != first.family) {
            return Err(HostError::malformed("the range has addresses of two families"));
        }
        Ok(OtherRange { text: text.into(), addresses })
    }

    /// Returns the family of all the addresses.
    pub fn family(&self) -> Family {
        self.addresses[0].family
    }

    /// Returns the addresses in order; there is at least one.
    pub fn addresses(&self) -> &[OtherAddress] {
        &self.addresses
    }
}

impl fmt::Display for OtherRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILY: Family = Family::new("here");

    fn address(family: Family, number: usize) -> OtherAddress {
        OtherAddress::new(family, number.to_string())
    }

    #[test]
    fn a_range_is_bounded_and_of_one_family() {
        let range = OtherRange::new("1-3", (1..=3).map(|number| address(FAMILY, number))).unwrap();
        assert_eq!((range.to_string().as_str(), range.family()), ("1-3", FAMILY));
        assert_eq!(range.addresses().len(), 3);
        let refused = |addresses: &mut dyn Iterator<Item = OtherAddress>| {
            OtherRange::new("x", addresses).unwrap_err().to_string()
        };
        assert_eq!(refused(&mut std::iter::empty()), "the range is empty");
        // A parser that never ends is stopped too.
        assert_eq!(
            refused(&mut (0..).map(|number| address(FAMILY, number))),
            "the range has more than 65536 addresses"
        );
        let two = [address(FAMILY, 1), address(Family::new("there"), 2)];
        assert_eq!(refused(&mut two.into_iter()), "the range has addresses of two families");
    }
}
