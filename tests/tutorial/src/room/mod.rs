//! Rooms: processes of one machine meet by a name, in a family of addresses of its own.
//!
//! Below is a UNIX socket with an abstract name. Unlike scrambled TCP, which wraps the stages of another transport, this
//! one makes them itself, from `socket2` and tokio.

mod address;
mod connect;
mod listen;
mod stream;

use proto_core::Protocol;
use proto_core::address::Address;
use proto_core::error::{BindError, ConnectError, Refusal};
use proto_core::kernel::Kernel;
use proto_core::prefix::Prefix;
use proto_core::protocol::{Bound, Connectable, Descriptor, Kind, SocketType};
use proto_core::spec::{BindSpec, ServerSpec};
use proto_core::stream::{Lack, Support};

pub(crate) use self::address::ENTRY;
pub use self::address::FAMILY;

static DESCRIPTOR: Descriptor = Descriptor {
    name: "room",
    kind: Kind::Stream,
    families: &[FAMILY],
    place: None,
    help: "whoever is in a room of this machine",
};

/// Leads to the family and the protocol at once.
pub(crate) const PREFIX: Prefix =
    Prefix::protocols("room@", &[FAMILY], SocketType::Stream, &["room"], "a door of a room: lobby/7");

#[derive(Debug)]
pub(crate) struct RoomTransport;

impl Protocol for RoomTransport {
    fn descriptor(&self) -> &Descriptor {
        &DESCRIPTOR
    }

    fn bind(&self, spec: BindSpec, _kernel: &Kernel) -> Result<Bound, BindError> {
        listen::bind(spec)
    }

    fn connector(&self, spec: ServerSpec, _kernel: &Kernel) -> Result<Connectable, ConnectError> {
        connect::connector(spec)
    }
}

/// What there is to say to options that have no meaning here.
fn without() -> Support {
    Support::Unsupported(Lack::Protocol("a door has a queue, and no packets go through it"))
}

fn wrong_family(address: &Address) -> Refusal {
    Refusal::WrongFamily { protocol: DESCRIPTOR.name, family: address.family() }
}
