//! Protocols that have only a name, for tests of the registry and of the address language.

use std::sync::Arc;

use async_trait::async_trait;

use crate::address::{Host, OtherAddress};
use crate::family::{Family, FamilyEntry, HostError};
use crate::layer::{Findings, Layer, LayerEntry, LayerError, Outgoing};
use crate::prefix::{Prefix, Target};
use crate::protocol::{Descriptor, Kind, Protocol, Slot, SocketType};
use crate::registry::{Registration, Registry};
use crate::stream::Stream;

/// A protocol without a socket.
#[derive(Debug)]
pub(crate) struct Stub(pub(crate) Descriptor);

impl Protocol for Stub {
    fn descriptor(&self) -> &Descriptor {
        &self.0
    }
}

/// Returns a protocol with a place in the table.
pub(crate) fn stub(
    name: &'static str,
    kind: Kind,
    families: &'static [Family],
    place: Option<(SocketType, Slot)>,
) -> Arc<dyn Protocol> {
    Arc::new(Stub(Descriptor { name, kind, families, place, help: "a stub" }))
}

const V4: &[Family] = &[Family::INET4];
const V6: &[Family] = &[Family::INET6];
const FIRST: Option<(SocketType, Slot)> = Some((SocketType::Stream, Slot::Default));
const SECOND: Option<(SocketType, Slot)> = Some((SocketType::Stream, Slot::Alternate));
const QUIC: Option<(SocketType, Slot)> = Some((SocketType::Datagram, Slot::Default));

/// The transports that have prefixes in the address language.
pub(crate) const LANGUAGE: Registration = Registration {
    protocols: &[
        || stub("tcpv4", Kind::Stream, V4, FIRST),
        || stub("tcpv6", Kind::Stream, V6, FIRST),
        || stub("mptcpv4", Kind::Stream, V4, SECOND),
        || stub("mptcpv6", Kind::Stream, V6, SECOND),
        || stub("quicv4", Kind::Multiplexed, V4, QUIC),
        || stub("quicv6", Kind::Multiplexed, V6, QUIC),
        || stub("unix", Kind::Stream, &[Family::UNIX, Family::ABNS, Family::ABNSZ], FIRST),
    ],
    prefixes: &[
        Prefix::slot("tcp@", Family::INTERNET, SocketType::Stream, Slot::Default, ""),
        Prefix::slot("tcp4@", V4, SocketType::Stream, Slot::Default, ""),
        Prefix::slot("tcp6@", V6, SocketType::Stream, Slot::Default, ""),
        Prefix::slot("mptcp@", Family::INTERNET, SocketType::Stream, Slot::Alternate, ""),
        Prefix::slot("mptcp4@", V4, SocketType::Stream, Slot::Alternate, ""),
        Prefix::slot("mptcp6@", V6, SocketType::Stream, Slot::Alternate, ""),
        Prefix::slot("quic4@", V4, SocketType::Datagram, Slot::Default, ""),
        Prefix::slot("quic6@", V6, SocketType::Datagram, Slot::Default, ""),
        Prefix::modifier("quic+", SocketType::Datagram, Some(Target::Slot(Slot::Default)), ""),
        Prefix::slot("uxst@", &[Family::UNIX], SocketType::Stream, Slot::Default, ""),
    ],
    ..Registration::new("stub-language")
};

/// A third stream protocol of the Internet: it has no cell, and a prefix of its own selects it.
pub(crate) const THIRD: Registration = Registration {
    protocols: &[|| stub("sctpv4", Kind::Stream, V4, None), || stub("sctpv6", Kind::Stream, V6, None)],
    prefixes: &[Prefix::protocols(
        "sctp@",
        Family::INTERNET,
        SocketType::Stream,
        &["sctpv4", "sctpv6"],
        "a third transport",
    )],
    ..Registration::new("stub-third")
};

/// The address family of another crate.
pub(crate) const VSOCK: Family = Family::new("vsock");

fn parse_vsock(text: &str) -> Result<Host, HostError> {
    let number = |part: &str| part.parse::<u32>().map_err(|_| HostError::malformed("cid:port, two numbers"));
    let (cid, port) = text.split_once(':').unwrap_or((text, ""));
    // Normalised to no leading zeros, so that equal addresses have equal text.
    let host = format!("{}:{}", number(cid)?, number(port)?);
    Ok(Host::Other(OtherAddress::new(VSOCK, host)))
}

/// An address family with its parser, a protocol that serves it, and a prefix that selects it.
pub(crate) const OWN_FAMILY: Registration = Registration {
    protocols: &[|| stub("vsock", Kind::Stream, &[VSOCK], FIRST)],
    prefixes: &[Prefix::family("vsock@", &[VSOCK], "a virtual machine, by its context and port")],
    families: &[FamilyEntry { family: VSOCK, parse: parse_vsock }],
    ..Registration::new("stub-vsock")
};

/// A layer that leaves a stream as it is.
#[derive(Debug)]
struct Nothing;

#[async_trait]
impl Layer for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    async fn accept(&self, stream: Box<dyn Stream>, _: &mut Findings) -> Result<Box<dyn Stream>, LayerError> {
        Ok(stream)
    }

    async fn connect(
        &self,
        stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        Ok(stream)
    }
}

/// Returns a layer with this name.
pub(crate) const fn layer(name: &'static str) -> LayerEntry {
    LayerEntry { name, help: "a stub", make: |_| Ok(Arc::new(Nothing)) }
}

/// A registration of two layers.
pub(crate) const LAYERS: Registration =
    Registration { layers: &[layer("lz"), layer("rot-13")], ..Registration::new("stub-layers") };

/// Returns a registry of all registrations above.
pub(crate) fn registry() -> Registry {
    Registry::build([LANGUAGE, THIRD, OWN_FAMILY, LAYERS]).unwrap()
}
