//! A log target: where lines go, which lines, and in which form.

use std::fmt;
use std::os::fd::RawFd;

use proto_core::address::Address;

use crate::format::Format;
use crate::length::MaxLength;
use crate::sampling::Sampling;
use crate::words::{Facility, Level};

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// A datagram for each line, over UDP or to a UNIX socket at a path.
    Datagram(Address),
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A descriptor inherited from the parent: a pipe, a terminal, a socket, a file.
    Fd(RawFd),
}

impl Destination {
    /// The number, for one that is a descriptor.
    pub fn descriptor(&self) -> Option<RawFd> {
        match self {
            Destination::Datagram(_) => None,
            Destination::Stdout => Some(libc::STDOUT_FILENO),
            Destination::Stderr => Some(libc::STDERR_FILENO),
            Destination::Fd(fd) => Some(*fd),
        }
    }

    /// Whether lines for both end in the same place: `fd@1` is standard output.
    pub(crate) fn is_same(&self, other: &Destination) -> bool {
        self == other || (self.descriptor().is_some() && self.descriptor() == other.descriptor())
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Datagram(address) => address.fmt(f),
            Destination::Stdout => f.write_str("stdout"),
            Destination::Stderr => f.write_str("stderr"),
            Destination::Fd(fd) => write!(f, "fd@{fd}"),
        }
    }
}

/// One `log` line of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget {
    /// Where lines go.
    pub destination: Destination,
    /// The facility they are sent under.
    pub facility: Facility,
    /// The least severe level that is sent.
    pub max_level: Level,
    /// What is more severe than this is sent as this.
    pub min_level: Level,
    /// The form. Without one it is `rfc3164` if a host name is set, `local` otherwise, wherever the lines go.
    pub format: Option<Format>,
    /// Where lines are cut.
    pub max_length: MaxLength,
    /// Which lines of many.
    pub sampling: Option<Sampling>,
}

impl LogTarget {
    /// A target with the defaults of a line that names only these two.
    pub fn new(destination: Destination, facility: Facility) -> LogTarget {
        LogTarget {
            destination,
            facility,
            max_level: Level::Debug,
            min_level: Level::Emerg,
            format: None,
            max_length: MaxLength::default(),
            sampling: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_output_has_a_number_too() {
        assert!(Destination::Stdout.is_same(&Destination::Fd(1)));
        assert!(!Destination::Stdout.is_same(&Destination::Stderr));
        let udp = |port: u16| Destination::Datagram(Address::Inet(([127, 0, 0, 1], port).into()));
        assert!(udp(1).is_same(&udp(1)) && !udp(1).is_same(&udp(2)) && !udp(1).is_same(&Destination::Fd(1)));
    }
}
