//! A transport over a kind of kernel socket that neither tokio nor this crate supports, without `unsafe`: UNIX sockets
//! with ordered packets (`SOCK_SEQPACKET`) that carry a byte stream.
//!
//! It passes the suite of all transports, and shows that `proto_core::sys` contains what such a transport needs.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod listen;
mod sockets;
mod stream;

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use proto_core::address::{Address, Host, OtherAddress, SocketFacts};
use proto_core::conformance::{Subject, Trait, suite};
use proto_core::error::{BindError, ConnectError, Refusal, Step};
use proto_core::family::{Family, FamilyEntry, HostError};
use proto_core::kernel::Kernel;
use proto_core::options::{SocketOption, Warnings};
use proto_core::prefix::Prefix;
use proto_core::protocol::{Bound, Connectable, Connector, Descriptor, Kind, Protocol, SocketType};
use proto_core::spec::{BindSpec, ServerSpec, Target};
use proto_core::stream::{Lack, Stream, Support};
use proto_core::{Registration, inventory, sys};
use socket2::{Domain, SockAddr, Socket, Type};

use stream::{Ends, PacketStream};

const FAMILY: Family = Family::new("packets");

static DESCRIPTOR: Descriptor = Descriptor {
    name: "packets",
    kind: Kind::Stream,
    families: &[FAMILY],
    place: None,
    help: "UNIX sockets with ordered packets",
};

inventory::submit! {
    Registration {
        protocols: &[packets],
        prefixes: &[Prefix::protocols("packets@", &[FAMILY], SocketType::Stream, &["packets"], "an abstract name")],
        families: &[FamilyEntry { family: FAMILY, parse }],
        ..Registration::new("test-packets")
    }
}

fn packets() -> Arc<dyn Protocol> {
    Arc::new(Packets)
}

fn parse(name: &str) -> Result<Host, HostError> {
    match (1..=100).contains(&name.len()) && !name.contains('\0') {
        true => Ok(Host::Other(OtherAddress::new(FAMILY, name))),
        false => Err(HostError::malformed("a name has 1 to 100 bytes")),
    }
}

#[derive(Debug)]
struct Packets;

impl Protocol for Packets {
    fn descriptor(&self) -> &Descriptor {
        &DESCRIPTOR
    }

    fn bind(&self, spec: BindSpec, _: &Kernel) -> Result<Bound, BindError> {
        listen::bind(spec)
    }

    fn connector(&self, spec: ServerSpec, _: &Kernel) -> Result<Connectable, ConnectError> {
        to_system(&spec.address).map_err(ConnectError::refused)?;
        let mut warnings = Warnings::new(DESCRIPTOR.name, &spec.address);
        for option in spec.settings.options.iter() {
            warnings.note(option, Ok(without()));
        }
        Ok(Connectable {
            connector: Arc::new(PacketConnector),
            warnings: warnings.finish().map_err(ConnectError::refused)?,
        })
    }

    /// The type and a name are proof: no other protocol has such sockets.
    fn owns(&self, socket: &SocketFacts, fd: BorrowedFd<'_>) -> Option<Address> {
        let is_ours = socket.domain == Domain::UNIX && socket.raw_type == Type::SEQPACKET;
        is_ours.then(|| from_system(fd).ok()).flatten()
    }
}

fn without() -> Support {
    Support::Unsupported(Lack::Protocol("its packets do not cross a network"))
}

/// Returns the `sockaddr_un` of an abstract name: the family, a zero byte, the name.
fn to_system(address: &Address) -> Result<SockAddr, Refusal> {
    let wrong = || Refusal::WrongFamily { protocol: DESCRIPTOR.name, family: address.family() };
    let Address::Other(other) = address else { return Err(wrong()) };
    if other.family != FAMILY {
        return Err(wrong());
    }
    let family = (libc::AF_UNIX as libc::sa_family_t).to_ne_bytes();
    let bytes = [&family[..], &[0], other.host().as_bytes()].concat();
    sys::socket_address(&bytes).map_err(|error| Refusal::Policy(error.to_string()))
}

/// Returns the address that a socket is bound to.
fn from_system(fd: BorrowedFd<'_>) -> io::Result<Address> {
    let address = socket2::SockRef::from(&fd).local_addr()?;
    match sys::address_bytes(&address) {
        [_, _, 0, name @ ..] if !name.is_empty() => {
            Ok(Address::Other(OtherAddress::new(FAMILY, String::from_utf8_lossy(name))))
        }
        _ => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

/// Returns the address of clients, which have no name.
fn unnamed() -> Address {
    Address::Other(OtherAddress::new(FAMILY, ""))
}

#[derive(Debug)]
struct PacketConnector;

#[async_trait]
impl Connector for PacketConnector {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let at = |step| move |error| ConnectError::system(step, &target.address, error);
        let name = to_system(&target.address).map_err(ConnectError::refused)?;
        let socket = sys::socket(Domain::UNIX, Type::SEQPACKET, None).map_err(at(Step::Create))?;
        let io = sys::connect(socket, &name).await.map_err(at(Step::Connect))?;
        Ok(Box::new(PacketStream::new(io, Ends::new(unnamed(), target.address.clone()))))
    }
}

/// Returns a name that no other test uses.
fn fresh() -> Address {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("braid-packets-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    Address::Other(OtherAddress::new(FAMILY, name))
}

fn sequenced() -> Subject {
    Subject::new(packets(), fresh)
        .nobody_at(Address::Other(OtherAddress::new(FAMILY, "braid-packets-no-listener")))
        .with_options([SocketOption::Backlog(7), SocketOption::Mss(1200)])
        .without(Trait::Reset, "a UNIX socket has no reset")
        .without(Trait::Suspend, "a UNIX socket that listens cannot stop and listen again")
        .without(Trait::BlackHole, "a UNIX socket with a full backlog refuses at once")
}

suite!(sequenced);

#[test]
fn an_inherited_socket_is_found_by_its_type_and_name() {
    let registry = proto_core::Registry::linked().unwrap();
    let socket = Socket::from(sys::socket(Domain::UNIX, Type::SEQPACKET, None).unwrap());
    let facts = |socket: &Socket| {
        use std::os::fd::AsFd as _;
        let facts = proto_core::address::InheritedSocket::facts_of(socket.as_fd()).unwrap();
        registry.owner_of(&facts, socket.as_fd()).map(|(owner, address)| (owner.descriptor().name, address))
    };
    assert_eq!(facts(&socket), None, "it has no name yet");
    let name = fresh();
    socket.bind(&to_system(&name).unwrap()).unwrap();
    assert_eq!(facts(&socket), Some(("packets", name)));
}
