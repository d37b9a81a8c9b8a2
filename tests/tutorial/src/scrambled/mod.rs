//! Scrambled TCP: a third stream protocol of the Internet families, whose two cells of the table are taken.
//!
//! Every byte is combined with a key that both ends know. That is not encryption; it is here because it is visible on
//! the wire, and because it shows what a transport on top of another one has to do at each stage.

mod connect;
mod counter;
mod key;
pub(crate) mod keyring;
mod listen;
mod sample;
mod stream;

use std::sync::Arc;

use proto_core::Protocol;
use proto_core::error::{BindError, ConnectError};
use proto_core::family::Family;
use proto_core::kernel::Kernel;
use proto_core::prefix::Prefix;
use proto_core::protocol::{Bound, Connectable, Descriptor, Kind, SocketType};
use proto_core::spec::{BindSpec, ServerSpec};
use proto_core::sys::IPPROTO_TCP;
use proto_core::transport::{KernelModel, KernelTransport, tcp_info};

use self::connect::ScrambledConnector;
pub(crate) use self::counter::COUNTER;
pub(crate) use self::key::KEYWORD;
use self::keyring::key_of;
use self::listen::ScrambledSocket;
pub(crate) use self::sample::SAMPLE;

const fn model(name: &'static str, families: &'static [Family], help: &'static str) -> KernelModel {
    KernelModel {
        // No place: the cells of streams over IP belong to TCP and MPTCP.
        descriptor: Descriptor { name, kind: Kind::Stream, families, place: None, help },
        ipproto: IPPROTO_TCP,
        fallback: None,
        mapped: false,
        // The socket can splice; the stream above it does not offer it.
        splices: true,
        inspect: tcp_info::inspect,
    }
}

static OVER_IPV4: KernelModel = model("scr4", &[Family::INET4], "scrambled TCP over IPv4");
static OVER_IPV6: KernelModel = model("scr6", &[Family::INET6], "scrambled TCP over IPv6");

/// One prefix for both families. It names the protocols, since they have no cell.
pub(crate) const PREFIX: Prefix = Prefix::protocols(
    "scr@",
    Family::INTERNET,
    SocketType::Stream,
    &["scr4", "scr6"],
    "scrambled TCP, over IPv4 or IPv6 by the syntax",
);

pub(crate) fn over_ipv4() -> Arc<dyn Protocol> {
    over(Arc::new(KernelTransport(&OVER_IPV4)))
}

pub(crate) fn over_ipv6() -> Arc<dyn Protocol> {
    over(Arc::new(KernelTransport(&OVER_IPV6)))
}

/// Returns scrambling on top of any other transport, with the descriptor of that.
pub(crate) fn over(below: Arc<dyn Protocol>) -> Arc<dyn Protocol> {
    Arc::new(Scrambled { below })
}

#[derive(Debug)]
struct Scrambled {
    below: Arc<dyn Protocol>,
}

impl Protocol for Scrambled {
    fn descriptor(&self) -> &Descriptor {
        self.below.descriptor()
    }

    fn bind(&self, spec: BindSpec, kernel: &Kernel) -> Result<Bound, BindError> {
        let key = key_of(&spec.settings);
        let bound = self.below.bind(spec, kernel)?;
        Ok(Bound { socket: Box::new(ScrambledSocket::new(bound.socket, key)), ..bound })
    }

    fn connector(&self, spec: ServerSpec, kernel: &Kernel) -> Result<Connectable, ConnectError> {
        let key = key_of(&spec.settings);
        let plain = self.below.connector(spec, kernel)?;
        Ok(Connectable { connector: Arc::new(ScrambledConnector::new(plain.connector, key)), ..plain })
    }

    // `owns` is not forwarded: an inherited TCP socket is TCP's, and nothing about it shows that it is scrambled.
}
