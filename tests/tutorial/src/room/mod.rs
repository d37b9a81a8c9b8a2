//! Rooms: processes of one machine connect by a name, in an address family of its own.
//!
//! It is built on a UNIX socket with an abstract name. Unlike scrambled TCP, which wraps the stages of another
//! transport, it implements the stages itself, with `socket2` and tokio.

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
    help: "processes in a room of this machine",
};

/// Selects the family and the protocol.
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

/// The answer to options that have no effect here.
fn without() -> Support {
    Support::Unsupported(Lack::Protocol("a door has a queue, and no packets pass through it"))
}

fn wrong_family(address: &Address) -> Refusal {
    Refusal::WrongFamily { protocol: DESCRIPTOR.name, family: address.family() }
}
