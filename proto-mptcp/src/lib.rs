//! Multipath TCP (RFC 8684): `mptcpv4` and `mptcpv6`, in the alternate slots beside TCP.
//!
//! The socket is the kernel's, so [`KernelTransport`] does the work, as for TCP. This crate has what is specific to
//! MPTCP: the behaviour on a kernel without it (`fallback.rs`), the facts about a connection and its paths ([`info`]),
//! the keyword `mptcp` and the samples.

#![warn(missing_docs)]

mod fallback;
pub mod info;
mod keywords;
mod samples;
mod sys;

use std::sync::Arc;

use proto_core::family::Family;
use proto_core::prefix::Prefix;
use proto_core::protocol::{Descriptor, Kind, Slot, SocketType};
use proto_core::sys::IPPROTO_MPTCP;
use proto_core::transport::{KernelModel, KernelTransport};
use proto_core::{Protocol, Registration, inventory};

const fn model(name: &'static str, families: &'static [Family], help: &'static str) -> KernelModel {
    let place = Some((SocketType::Stream, Slot::Alternate));
    KernelModel {
        descriptor: Descriptor { name, kind: Kind::Stream, families, place, help },
        ipproto: IPPROTO_MPTCP,
        fallback: Some(fallback::TO_TCP),
        mapped: true,
        // Linux 6.18 has no splice_read for MPTCP: splicing copies too, and only one page at a time.
        splices: false,
        inspect: info::inspect,
    }
}

static MPTCP4: KernelModel = model("mptcpv4", &[Family::INET4], "Multipath TCP over IPv4");
static MPTCP6: KernelModel =
    model("mptcpv6", &[Family::INET6], "Multipath TCP over IPv6, with IPv4 paths too");

const fn prefix(text: &'static str, families: &'static [Family], help: &'static str) -> Prefix {
    Prefix::slot(text, families, SocketType::Stream, Slot::Alternate, help)
}

inventory::submit! {
    Registration {
        protocols: &[mptcp4, mptcp6],
        prefixes: &[
            prefix("mptcp@", Family::INTERNET, "Multipath TCP, over IPv4 or IPv6 by the syntax"),
            prefix("mptcp4@", &[Family::INET4], "Multipath TCP over IPv4 only"),
            prefix("mptcp6@", &[Family::INET6], "Multipath TCP over IPv6"),
        ],
        keywords: keywords::KEYWORDS,
        samples: samples::SAMPLES,
        ..Registration::new(env!("CARGO_PKG_NAME"))
    }
}

/// Returns Multipath TCP over IPv4.
pub fn mptcp4() -> Arc<dyn Protocol> {
    Arc::new(KernelTransport(&MPTCP4))
}

/// Returns Multipath TCP over IPv6.
pub fn mptcp6() -> Arc<dyn Protocol> {
    Arc::new(KernelTransport(&MPTCP6))
}
