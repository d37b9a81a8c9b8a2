//! UNIX stream sockets: `unix` for paths and abstract names, `sockpair` for connections handed over a descriptor.
//!
//! | address | what it is |
//! | --- | --- |
//! | `/path`, `unix@path`, `uxst@path` | a socket file, replaced without interruption and removed at the end
//! ([`Ownership`]) |
//! | `abns@name` | an abstract name padded with zeros to the full length, as HAProxy makes them |
//! | `abnsz@name` | an abstract name that ends with its text, as most programs make them |
//! | `sockpair@N` | descriptor N is a connected UNIX socket over which connections are passed |
//!
//! `unix` is one protocol with three families, which differ only in the bytes of the address.

mod address;
mod bind;
mod connect;
mod file;
mod listener;
mod options;
mod ownership;
mod sockpair;
mod stream;
mod sys;

use std::os::fd::BorrowedFd;
use std::sync::Arc;

use proto_core::address::{Address, SocketFacts, UnixAddress};
use proto_core::error::{BindError, ConnectError};
use proto_core::family::Family;
use proto_core::kernel::Kernel;
use proto_core::prefix::Prefix;
use proto_core::protocol::{Bound, Connectable, Descriptor, Kind, Slot, SocketType};
use proto_core::spec::{BindSpec, ServerSpec};
use proto_core::{Protocol, Registration, inventory};

pub use self::ownership::Ownership;
pub use self::sockpair::{FAMILY as SOCKPAIR, sockpair};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "unix",
    kind: Kind::Stream,
    families: &[Family::UNIX, Family::ABNS, Family::ABNSZ],
    place: Some((SocketType::Stream, Slot::Default)),
    help: "UNIX stream sockets, by path or abstract name",
};

inventory::submit! {
    Registration {
        protocols: &[unix, sockpair],
        prefixes: &[
            Prefix::slot(
                "uxst@",
                &[Family::UNIX],
                SocketType::Stream,
                Slot::Default,
                "the path of a UNIX stream socket",
            ),
            sockpair::PREFIX,
        ],
        families: &[sockpair::ENTRY],
        keywords: ownership::KEYWORDS,
        ..Registration::new(env!("CARGO_PKG_NAME"))
    }
}

/// Returns UNIX stream sockets, by path or abstract name.
pub fn unix() -> Arc<dyn Protocol> {
    Arc::new(Unix)
}

#[derive(Debug)]
struct Unix;

impl Protocol for Unix {
    fn descriptor(&self) -> &Descriptor {
        &DESCRIPTOR
    }

    fn bind(&self, spec: BindSpec, _kernel: &Kernel) -> Result<Bound, BindError> {
        bind::bind(spec)
    }

    fn connector(&self, spec: ServerSpec, _kernel: &Kernel) -> Result<Connectable, ConnectError> {
        connect::connector(spec)
    }

    /// Claims only sockets with a name: one without cannot listen, and is half of a pair or a client's.
    fn owns(&self, socket: &SocketFacts, _: BorrowedFd<'_>) -> Option<Address> {
        let has_name =
            |address: &Address| matches!(address, Address::Unix(name) if *name != UnixAddress::Unnamed);
        let is_stream = socket.socket_type() == Some(SocketType::Stream);
        socket.address.clone().filter(|address| is_stream && has_name(address))
    }
}
