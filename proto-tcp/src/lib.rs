//! TCP: `tcpv4` and `tcpv6`, the defaults of their families.
//!
//! Everything here is data for [`KernelTransport`], which TCP shares with MPTCP.

#![warn(missing_docs)]

use std::sync::Arc;

use proto_core::family::Family;
use proto_core::prefix::Prefix;
use proto_core::protocol::{Descriptor, Kind, Slot, SocketType};
use proto_core::sys::IPPROTO_TCP;
use proto_core::transport::{KernelModel, KernelTransport, tcp_info};
use proto_core::{Protocol, Registration, inventory};

const fn model(name: &'static str, families: &'static [Family], help: &'static str) -> KernelModel {
    let place = Some((SocketType::Stream, Slot::Default));
    KernelModel {
        descriptor: Descriptor { name, kind: Kind::Stream, families, place, help },
        ipproto: IPPROTO_TCP,
        fallback: None,
        mapped: false,
        splices: true,
        inspect: tcp_info::inspect,
    }
}

static TCP4: KernelModel = model("tcpv4", &[Family::INET4], "TCP over IPv4");
static TCP6: KernelModel = model("tcpv6", &[Family::INET6], "TCP over IPv6");

const fn prefix(text: &'static str, families: &'static [Family], help: &'static str) -> Prefix {
    Prefix::slot(text, families, SocketType::Stream, Slot::Default, help)
}

inventory::submit! {
    Registration {
        protocols: &[tcp4, tcp6],
        prefixes: &[
            prefix("tcp@", Family::INTERNET, "TCP, over IPv4 or IPv6 by the syntax"),
            prefix("tcp4@", &[Family::INET4], "TCP over IPv4"),
            prefix("tcp6@", &[Family::INET6], "TCP over IPv6"),
        ],
        ..Registration::new(env!("CARGO_PKG_NAME"))
    }
}

/// Returns TCP over IPv4.
pub fn tcp4() -> Arc<dyn Protocol> {
    Arc::new(KernelTransport(&TCP4))
}

/// Returns TCP over IPv6.
pub fn tcp6() -> Arc<dyn Protocol> {
    Arc::new(KernelTransport(&TCP6))
}
