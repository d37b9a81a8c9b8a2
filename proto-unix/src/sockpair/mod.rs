//! `sockpair@N`: connections are made by one process and passed to another over a connected UNIX socket.
//!
//! The connecting process makes a pair of sockets, sends one half over descriptor N with `SCM_RIGHTS` and keeps the
//! other; the listening process accepts the halves that arrive as its connections. Each message is two zero bytes with
//! one descriptor, as in HAProxy, so either side may be HAProxy. A master process reaches its workers this way.

mod connect;
mod listener;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use proto_core::Protocol;
use proto_core::address::{Address, Host, InheritedSocket, OtherAddress, SocketFacts};
use proto_core::error::{BindError, ConnectError};
use proto_core::family::{Family, FamilyEntry, HostError};
use proto_core::kernel::Kernel;
use proto_core::prefix::Prefix;
use proto_core::protocol::{Bound, Connectable, Descriptor, Kind, SocketType};
use proto_core::spec::{BindSpec, ServerSpec};
use socket2::Socket;

/// The family of `sockpair@N`; its host is the descriptor's number.
pub const FAMILY: Family = Family::new("sockpair");

/// The entry of the family in the registry.
pub(crate) const ENTRY: FamilyEntry = FamilyEntry { family: FAMILY, parse };

/// The prefix of the family. The protocol has no cell of the table, so no other address selects it.
pub(crate) const PREFIX: Prefix = Prefix::protocols(
    "sockpair@",
    &[FAMILY],
    SocketType::Stream,
    &["sockpair"],
    "a connected UNIX socket over which connections are passed, by its descriptor",
);

static DESCRIPTOR: Descriptor = Descriptor {
    name: "sockpair",
    kind: Kind::Stream,
    families: &[FAMILY],
    place: None,
    help: "connections passed over an inherited UNIX socket",
};

/// Returns the protocol of connections passed over an inherited UNIX socket.
pub fn sockpair() -> Arc<dyn Protocol> {
    Arc::new(Sockpair)
}

#[derive(Debug)]
struct Sockpair;

impl Protocol for Sockpair {
    fn descriptor(&self) -> &Descriptor {
        &DESCRIPTOR
    }

    fn bind(&self, spec: BindSpec, _kernel: &Kernel) -> Result<Bound, BindError> {
        listener::bind(spec)
    }

    fn connector(&self, spec: ServerSpec, _kernel: &Kernel) -> Result<Connectable, ConnectError> {
        connect::connector(spec)
    }

    /// Claims nothing: such a descriptor is a connected socket like any other. Only the prefix gives it this meaning.
    fn owns(&self, _: &SocketFacts, _: BorrowedFd<'_>) -> Option<Address> {
        None
    }
}

fn parse(text: &str) -> Result<Host, HostError> {
    match text.parse::<i32>() {
        Ok(fd) if fd >= 0 && text.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(Host::Other(OtherAddress::new(FAMILY, fd.to_string())))
        }
        _ => Err(HostError::malformed("a file descriptor is a number that is not negative")),
    }
}

/// The reason why a descriptor cannot be a channel.
enum NoChannel {
    /// An address of another family.
    WrongFamily,
    /// A descriptor that is not open, or not a connected UNIX stream socket.
    System(io::Error),
}

/// Returns the channel that an address names, or that was handed over for it: a connected UNIX stream socket.
///
/// Its non-blocking flag is left unchanged, since the process at the other end of a fork may rely on it; each call
/// passes a flag instead.
fn channel(address: &Address, given: Option<OwnedFd>) -> Result<Socket, NoChannel> {
    let number = match address {
        Address::Other(other) if other.family == FAMILY => other.host().parse().ok(),
        _ => None,
    };
    let number = number.ok_or(NoChannel::WrongFamily)?;
    let fd = match given {
        Some(fd) => fd,
        None => proto_core::sys::duplicate(number).map_err(NoChannel::System)?,
    };
    connected_stream(&fd).map_err(NoChannel::System)?;
    Ok(Socket::from(fd))
}

/// Returns an error unless a descriptor is a UNIX stream socket that does not listen.
fn connected_stream(fd: &impl AsFd) -> io::Result<()> {
    let facts = InheritedSocket::facts_of(fd.as_fd())?;
    let fits =
        facts.socket_type() == Some(SocketType::Stream) && matches!(facts.address, Some(Address::Unix(_)));
    if !fits || facts.listening {
        let why = "the descriptor is not a connected UNIX stream socket";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_a_number() {
        let host = |text| parse(text).map(|host| host.to_string());
        assert_eq!(host("007"), Ok("7".to_owned()));
        for bad in ["", "-1", "+1", "x", "99999999999", "1 "] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }
}
