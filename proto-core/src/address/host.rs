//! The host part of an address.

use std::fmt;
use std::net::IpAddr;
use std::os::fd::RawFd;
use std::path::PathBuf;

use super::host_error::HostError;
use super::{OtherAddress, OtherRange};
use crate::family::Family;

/// The longest UNIX socket path that fits into `sun_path` with its closing zero, in bytes (`unix(7)`).
pub const UNIX_PATH_MAX: usize = 107;

/// A host of an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// An IP address; `*` and an empty host are the unspecified address.
    Ip(IpAddr),
    /// A name that has not been resolved yet.
    Name(HostName),
    /// A UNIX socket.
    Unix(UnixAddress),
    /// An inherited file descriptor.
    Fd(RawFd),
    /// A host of a family that a transport registered.
    Other(OtherAddress),
    /// Several hosts of such a family, written as one.
    Range(OtherRange),
}

impl Host {
    /// Returns the family, or `None` for a name, whose family is not known yet.
    pub fn family(&self) -> Option<Family> {
        match self {
            Host::Ip(IpAddr::V4(_)) => Some(Family::INET4),
            Host::Ip(IpAddr::V6(_)) => Some(Family::INET6),
            Host::Name(_) => None,
            Host::Unix(unix) => Some(unix.family()),
            Host::Fd(_) => Some(Family::FD),
            Host::Other(other) => Some(other.family),
            Host::Range(range) => Some(range.family()),
        }
    }
}

/// Formats the host alone, without the prefix that gives its family; IPv6 in brackets, since a port may follow.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Host::Name(name) => name.fmt(f),
            Host::Unix(UnixAddress::Path(path)) => path.display().fmt(f),
            Host::Unix(UnixAddress::Abstract { name, .. }) => f.write_str(name),
            Host::Unix(UnixAddress::Unnamed) => Ok(()),
            Host::Fd(fd) => fd.fmt(f),
            Host::Other(other) => f.write_str(other.host()),
            Host::Range(range) => range.fmt(f),
        }
    }
}

/// A host name (RFC 1123 section 2.1, with the underscore that service names use). At most 253 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

impl HostName {
    /// Reads a name.
    ///
    /// # Errors
    /// Returns an error if the name is empty or too long, has an empty or overlong label or a character that is not
    /// allowed in host names, or consists of digits and dots only: that is a mistyped IPv4 address rather than a name.
    pub fn parse(text: &str) -> Result<HostName, HostError> {
        let wrong =
            |why: &str| Err(HostError::malformed(format!("neither an IP address nor a host name: {why}")));
        let labels = text.strip_suffix('.').unwrap_or(text);
        if labels.is_empty() {
            return wrong("it is empty");
        }
        if labels.len() > 253 {
            return wrong("a host name has at most 253 characters");
        }
        for label in labels.split('.') {
            if label.is_empty() || label.len() > 63 {
                return wrong("each part between dots has 1 to 63 characters");
            }
            if let Some(bad) = label.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
                return wrong(&format!("character {bad:?} is not allowed there"));
            }
            if label.starts_with('-') || label.ends_with('-') {
                return wrong("no part may begin or end with a hyphen");
            }
        }
        if labels.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return wrong("four numbers from 0 to 255 without leading zeros are an IPv4 address");
        }
        Ok(HostName(text.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A UNIX socket address (`unix(7)`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UnixAddress {
    /// A path in the file system, at most [`UNIX_PATH_MAX`] bytes.
    Path(PathBuf),
    /// A name in the abstract namespace of Linux.
    Abstract {
        /// The name, without the leading zero byte; at most [`UNIX_PATH_MAX`] bytes.
        name: String,
        /// Whether the address is padded with zeros (`abns@`) or ends where the name does (`abnsz@`). The kernel
        /// compares the bytes, so the two never refer to the same socket.
        padded: bool,
    },
    /// A socket without a name, such as a connecting client or half of a pair.
    Unnamed,
}

impl UnixAddress {
    /// Returns the family.
    pub fn family(&self) -> Family {
        match self {
            UnixAddress::Path(_) | UnixAddress::Unnamed => Family::UNIX,
            UnixAddress::Abstract { padded: true, .. } => Family::ABNS,
            UnixAddress::Abstract { padded: false, .. } => Family::ABNSZ,
        }
    }
}

impl fmt::Display for UnixAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnixAddress::Path(path) => write!(f, "unix@{}", path.display()),
            UnixAddress::Abstract { name, .. } => write!(f, "{}@{name}", self.family()),
            UnixAddress::Unnamed => f.write_str("unix@"),
        }
    }
}
