//! Address families: an open set of names, each with the parser of its hosts.
//!
//! This crate has the families of HAProxy's address language. A transport may bring its own (vsock, memory in a test):
//! it registers a [`FamilyEntry`] and a prefix that selects it, and nothing here changes.

use std::fmt;

pub use crate::address::{FamilyEntry, HostError};

/// The name of an address family, such as `ipv4`.
///
/// The set is open: any crate may add one. Two families are equal if their names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(&'static str);

impl Family {
    /// IPv4, `AF_INET`.
    pub const INET4: Family = Family("ipv4");
    /// IPv6, `AF_INET6`; with IPv4-mapped addresses it reaches IPv4 peers too.
    pub const INET6: Family = Family("ipv6");
    /// UNIX sockets with a path.
    pub const UNIX: Family = Family("unix");
    /// Abstract UNIX names padded with zeros to the full length, as HAProxy's `abns@` does.
    pub const ABNS: Family = Family("abns");
    /// Abstract UNIX names that end where their text ends, as most other programs make them.
    pub const ABNSZ: Family = Family("abnsz");
    /// A file descriptor inherited from the parent process; the socket itself knows its real family.
    pub const FD: Family = Family("fd");
    /// Both families of the Internet, in the order in which they are tried.
    pub const INTERNET: &'static [Family] = &[Family::INET4, Family::INET6];

    /// Returns the family with this name, which listings show.
    pub const fn new(name: &'static str) -> Family {
        Family(name)
    }

    /// Returns the name.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// Returns whether hosts of this family are IP addresses, and therefore have ports.
    pub fn is_internet(self) -> bool {
        Family::INTERNET.contains(&self)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
