//! A log target: which lines go where, and in which format.

use std::fmt;
use std::os::fd::RawFd;

use proto_core::address::Address;

use crate::format::Format;
use crate::length::MaxLength;
use crate::sampling::Sampling;
use crate::words::{Facility, Level};

/// The destination of lines.
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
    /// Returns the descriptor's number, if the destination is a descriptor.
    pub fn descriptor(&self) -> Option<RawFd> {
        match self {
            Destination::Datagram(_) => None,
            Destination::Stdout => Some(libc::STDOUT_FILENO),
            Destination::Stderr => Some(libc::STDERR_FILENO),
            Destination::Fd(fd) => Some(*fd),
        }
    }

    /// Returns whether both are the same destination: `fd@1` is standard output.
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
    /// The destination of the lines.
    pub destination: Destination,
    /// The facility of the lines.
    pub facility: Facility,
    /// The least severe level that is sent.
    pub max_level: Level,
    /// The most severe level that is sent; what is more severe is sent with this level.
    pub min_level: Level,
    /// The format. Without one it is `rfc3164` if a host name is set, else `local`, for every destination.
    pub format: Option<Format>,
    /// The length at which lines are cut.
    pub max_length: MaxLength,
    /// The lines that are sent, if not all.
    pub sampling: Option<Sampling>,
}

impl LogTarget {
    /// Returns a target with this destination and facility, and the defaults for everything else.
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
