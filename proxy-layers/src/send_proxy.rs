//! `send-proxy`, `send-proxy-v2` and their options: the server gets the addresses of the client in a PROXY header.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bitflags::bitflags;
use proto_core::address::Address;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, OnBehalf, Outgoing};
use proto_core::stream::Stream;
use proxy_config::layers::{ChosenLayer, LayerPlace};
use proxy_config::{Directive, Parameter, Scope, Sections, Values, mistake};
use tokio::io::AsyncWriteExt;

use crate::HEADER_MAX;
use crate::accept_proxy::Received;
use crate::proxy_protocol::{Extras, Tls, write_v1, write_v2};

const NAME: &str = "send-proxy";

bitflags! {
    /// The values of a header of version 2 besides the addresses.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Options: u16 {
        const SSL = 1;
        const CERT_CN = 1 << 1;
        const SSL_CIPHER = 1 << 2;
        const CERT_SIG = 1 << 3;
        const CERT_KEY = 1 << 4;
        const AUTHORITY = 1 << 5;
        const CRC32C = 1 << 6;
        const UNIQUE_ID = 1 << 7;
    }
}

/// The words of `proxy-v2-options`.
const OPTIONS: [(&str, Options); 8] = [
    ("ssl", Options::SSL),
    ("cert-cn", Options::SSL.union(Options::CERT_CN)),
    ("ssl-cipher", Options::SSL.union(Options::SSL_CIPHER)),
    ("cert-sig", Options::SSL.union(Options::CERT_SIG)),
    ("cert-key", Options::SSL.union(Options::CERT_KEY)),
    ("authority", Options::AUTHORITY),
    ("crc32c", Options::CRC32C),
    ("unique-id", Options::UNIQUE_ID),
];

/// The settings of a server line.
#[derive(Clone, Copy, Debug, Default)]
struct SendProxy {
    v1: bool,
    v2: bool,
    options: Options,
    /// A setting of the process: connections that the proxy makes for itself have a header with addresses, too.
    never_local: bool,
}

/// Whether connections that are made for no client have a header with their own addresses rather than one without.
#[derive(Clone, Copy, Debug)]
struct NeverLocal;

inventory::submit! {
    Directive::new(
        "pp2-never-send-local",
        "",
        Sections::GLOBAL,
        "send servers the addresses of connections that are made for no client, too",
        |line| {
            line.section.set(NeverLocal);
            Ok(())
        },
    )
}

/// Registers a keyword that turns something on or off.
macro_rules! word {
    ($name:literal, $help:literal, $change:expr) => {
        inventory::submit! {
            Parameter::new($name, Scope::Server, "", $help, |endpoint| {
                const CHANGE: fn(&mut SendProxy) = $change;
                CHANGE(endpoint.values.get_mut());
                Ok(())
            })
        }
    };
}

word!("send-proxy", "send the client's addresses to the server in a PROXY header", |chosen| chosen.v1 = true);
word!("no-send-proxy", "cancel 'send-proxy' of the defaults", |chosen| chosen.v1 = false);
word!(
    "send-proxy-v2",
    "send the client's addresses to the server in a PROXY header of version 2",
    |chosen| {
        chosen.v2 = true;
    }
);
word!("no-send-proxy-v2", "cancel 'send-proxy-v2' of the defaults", |chosen| chosen.v2 = false);
word!("send-proxy-v2-ssl", "as 'send-proxy-v2', with the facts about the client's TLS", |chosen| {
    chosen.v2 = true;
    chosen.options |= Options::SSL;
});
word!("no-send-proxy-v2-ssl", "cancel 'send-proxy-v2-ssl' of the defaults", |chosen| {
    chosen.v2 = false;
    chosen.options -= Options::SSL;
});
word!(
    "send-proxy-v2-ssl-cn",
    "as 'send-proxy-v2-ssl', with the common name in the client's certificate",
    |chosen| {
        chosen.v2 = true;
        chosen.options |= Options::SSL | Options::CERT_CN;
    }
);
word!("no-send-proxy-v2-ssl-cn", "cancel 'send-proxy-v2-ssl-cn' of the defaults", |chosen| {
    chosen.v2 = false;
    chosen.options -= Options::SSL | Options::CERT_CN;
});

inventory::submit! {
    Parameter::new(
        "proxy-v2-options",
        Scope::Server,
        "<option>[,<option>]*",
        "the values of a PROXY header of version 2 besides the addresses",
        |endpoint| {
            let word = endpoint.args.word("an option")?;
            let known = || OPTIONS.map(|(name, _)| name).join(", ");
            for option in word.text.split(',') {
                let Some((_, option)) = OPTIONS.iter().find(|(name, _)| *name == option) else {
                    let message = format!("unknown option '{option}' of 'proxy-v2-options'");
                    return Err(Box::new(mistake(word.span, message).expected(known())));
                };
                endpoint.values.get_mut::<SendProxy>().options |= *option;
            }
            Ok(())
        },
    )
}

inventory::submit! {
    ChosenLayer {
        name: NAME,
        scope: Scope::Server,
        place: LayerPlace::Preamble,
        make: |said| {
            let never_local = said.global.get::<NeverLocal>().is_some();
            let mut chosen = SendProxy { never_local, ..said.line.get_or_default() };
            chosen.v1 |= said.forced == Some(LayerPlace::Preamble);
            (chosen.v1 || chosen.v2).then(|| Arc::new(chosen) as Arc<dyn Layer>)
        },
    }
}

/// Returns whether a server with these settings gets a header of version 2.
pub(crate) fn writes_v2(values: &Values) -> bool {
    values.get::<SendProxy>().is_some_and(|chosen| chosen.v2)
}

impl SendProxy {
    /// Returns the header for a connection, with the connection's own ends if it is made for no client and that is
    /// configured. `None` if it cannot be written.
    fn header(&self, to: &Outgoing<'_>, own: Option<(&Address, &Address)>) -> Option<Vec<u8>> {
        let client = to.client;
        let (source, destination) = client.map(|client| (client.source, client.destination)).or(own).unzip();
        if !self.v2 {
            return Some(write_v1(source, destination));
        }
        let received = client.and_then(|client| client.findings.extensions.get::<Received>());
        let wants = |option| self.options.contains(option);
        let extras = Extras {
            configured: client.map_or(&[], |client| client.formats),
            crc32c: wants(Options::CRC32C),
            alpn: client.and_then(|client| client.findings.alpn.as_deref()),
            authority: received
                .and_then(|Received(header)| header.authority())
                .filter(|_| wants(Options::AUTHORITY)),
            unique_id: wants(Options::UNIQUE_ID)
                .then(|| client.and_then(|client: OnBehalf<'_>| client.unique_id).unwrap_or_default()),
            // No client has TLS before there is a layer for it.
            tls: wants(Options::SSL).then(Tls::default),
            netns: None,
        };
        write_v2(source, destination, &extras, HEADER_MAX).ok()
    }
}

#[async_trait]
impl Layer for SendProxy {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn connect(
        &self,
        mut stream: Box<dyn Stream>,
        to: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let failed = |error| LayerError::failed(NAME, error);
        let tells_own = to.client.is_none() && self.v2 && self.never_local;
        let own = tells_own.then(|| (stream.local_addr(), stream.peer_addr()));
        let header = self
            .header(to, own.as_ref().map(|(source, destination)| (source, destination)))
            .ok_or_else(|| failed(io::Error::other("the PROXY header does not fit")))?;
        stream.write_all(&header).await.map_err(failed)?;
        stream.flush().await.map_err(failed)?;
        Ok(stream)
    }

    fn tells_unique_id(&self) -> bool {
        self.v2 && self.options.contains(Options::UNIQUE_ID)
    }

    /// A connection serves the client that its header describes. Without a header it may serve any client.
    fn identity(&self, to: &Outgoing<'_>) -> Option<Vec<u8>> {
        Some(self.header(to, None).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use proto_core::layer::OnBehalf;
    use proto_core::memory::pair;
    use proto_core::spec::Target;
    use proxy_config::layers::Said;
    use tokio::io::AsyncReadExt;

    use super::*;

    fn at_once<F: Future>(future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it waits"),
        }
    }

    fn inet(text: &str) -> Address {
        text.parse::<SocketAddr>().unwrap().into()
    }

    /// Returns what a layer with these settings sends to a server.
    fn sent(line: SendProxy, never_local: bool, client: Option<OnBehalf<'_>>) -> Vec<u8> {
        let (mut values, mut global) = (Values::default(), Values::default());
        values.set(line);
        if never_local {
            global.set(NeverLocal);
        }
        let chosen =
            ChosenLayer::of_line(Scope::Server, Said { line: &values, global: &global, forced: None });
        let [(_, layer)] = &chosen[..] else { panic!("{chosen:?}") };
        let (proxy, mut server) = pair(inet("192.0.2.1:1000"), inet("192.0.2.2:2000"));
        let target = Target::new(inet("192.0.2.2:2000"));
        let to = Outgoing { client, ..Outgoing::new(&target) };
        drop(at_once(layer.connect(Box::new(proxy), &to, &mut Findings::default())).unwrap());
        let mut bytes = Vec::new();
        at_once(server.read_to_end(&mut bytes)).unwrap();
        bytes
    }

    #[test]
    fn connections_of_the_proxys_own_are_local_unless_that_is_never_sent() {
        let (v1, v2) =
            (SendProxy { v1: true, ..SendProxy::default() }, SendProxy { v2: true, ..SendProxy::default() });
        assert_eq!(sent(v2, false, None)[12..], [0x20, 0, 0, 0]);
        let own = [0x21, 0x11, 0, 12, 192, 0, 2, 1, 192, 0, 2, 2, 0x03, 0xe8, 0x07, 0xd0];
        assert_eq!(sent(v2, true, None)[12..], own);
        // Version 1 has no LOCAL.
        assert_eq!(sent(v1, true, None), b"PROXY UNKNOWN\r\n");
        // A client's addresses are sent as they are.
        let unix = Address::Unix(proto_core::address::UnixAddress::Unnamed);
        let (inet, findings) = (inet("198.51.100.1:1"), Findings::default());
        let of = |address| OnBehalf {
            source: address,
            destination: address,
            findings: &findings,
            unique_id: None,
            formats: &[],
        };
        assert_eq!(sent(v2, true, Some(of(&unix)))[12..], [0x20, 0, 0, 0]);
        assert_eq!(sent(v2, true, Some(of(&inet)))[12..20], [0x21, 0x11, 0, 12, 198, 51, 100, 1]);
    }
}
