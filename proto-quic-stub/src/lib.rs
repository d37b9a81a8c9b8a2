//! A placeholder for QUIC in the registry, until there is a transport for it.
//!
//! Its names, cells and prefixes are known, so its addresses are understood; `bind` and `connector` refuse, since QUIC
//! is not built into this binary. A crate with QUIC would replace this one.

#![warn(missing_docs)]

use std::sync::Arc;

use proto_core::error::{BindError, ConnectError, Refusal};
use proto_core::family::Family;
use proto_core::kernel::Kernel;
use proto_core::prefix::{Prefix, Target};
use proto_core::protocol::{Bound, Connectable, Descriptor, Kind, Slot, SocketType};
use proto_core::spec::{BindSpec, ServerSpec};
use proto_core::{Protocol, Registration, inventory};

/// QUIC over one address family.
#[derive(Debug)]
struct QuicStub(Descriptor);

impl QuicStub {
    fn refusal(&self) -> Refusal {
        Refusal::NotBuiltIn { protocol: self.0.name }
    }
}

impl Protocol for QuicStub {
    fn descriptor(&self) -> &Descriptor {
        &self.0
    }

    fn refuses(&self, _kind: Kind) -> Option<Refusal> {
        Some(self.refusal())
    }

    fn bind(&self, spec: BindSpec, _kernel: &Kernel) -> Result<Bound, BindError> {
        Err(BindError::refused(&spec.address, self.refusal()))
    }

    fn connector(&self, _spec: ServerSpec, _kernel: &Kernel) -> Result<Connectable, ConnectError> {
        Err(ConnectError::refused(self.refusal()))
    }
}

const fn descriptor(name: &'static str, families: &'static [Family], help: &'static str) -> Descriptor {
    // The first slot of the datagram row, as in HAProxy's table.
    let place = Some((SocketType::Datagram, Slot::Default));
    Descriptor { name, kind: Kind::Multiplexed, families, place, help }
}

const fn prefix(text: &'static str, families: &'static [Family], help: &'static str) -> Prefix {
    Prefix::slot(text, families, SocketType::Datagram, Slot::Default, help)
}

inventory::submit! {
    Registration {
        protocols: &[quic4, quic6],
        prefixes: &[
            prefix("quic4@", &[Family::INET4], "QUIC over IPv4 (not built in)"),
            prefix("quic6@", &[Family::INET6], "QUIC over IPv6 (not built in)"),
            Prefix::modifier(
                "quic+",
                SocketType::Datagram,
                Some(Target::Slot(Slot::Default)),
                "QUIC over the family that follows (not built in)",
            ),
        ],
        ..Registration::new(env!("CARGO_PKG_NAME"))
    }
}

/// Returns the placeholder of QUIC over IPv4.
pub fn quic4() -> Arc<dyn Protocol> {
    Arc::new(QuicStub(descriptor("quicv4", &[Family::INET4], "QUIC over IPv4, known but not built in")))
}

/// Returns the placeholder of QUIC over IPv6.
pub fn quic6() -> Arc<dyn Protocol> {
    Arc::new(QuicStub(descriptor("quicv6", &[Family::INET6], "QUIC over IPv6, known but not built in")))
}
