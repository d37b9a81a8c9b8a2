//! `send-proxy`, `send-proxy-v2` and what goes with them: a server is told whose connection it gets, in a PROXY header.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bitflags::bitflags;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, OnBehalf, Outgoing};
use proto_core::stream::Stream;
use proxy_config::layers::{ChosenLayer, LayerPlace};
use proxy_config::{Parameter, Scope, Values, mistake};
use tokio::io::AsyncWriteExt;

use crate::HEADER_MAX;
use crate::accept_proxy::Received;
use crate::proxy_protocol::{Extras, Tls, write_v1, write_v2};

const NAME: &str = "send-proxy";

bitflags! {
    /// What a header of version 2 tells beside the addresses.
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

/// What the keywords of a server line say.
#[derive(Clone, Copy, Debug, Default)]
struct SendProxy {
    v1: bool,
    v2: bool,
    options: Options,
}

/// Submits a word that turns something on or off.
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

word!("send-proxy", "tell the server the client's addresses, in a PROXY header", |chosen| chosen.v1 = true);
word!("no-send-proxy", "cancel 'send-proxy' of the defaults", |chosen| chosen.v1 = false);
word!("send-proxy-v2", "tell the server the client's addresses, in a PROXY header of version 2", |chosen| {
    chosen.v2 = true;
});
word!("no-send-proxy-v2", "cancel 'send-proxy-v2' of the defaults", |chosen| chosen.v2 = false);
word!("send-proxy-v2-ssl", "as 'send-proxy-v2', with what is known of the client's TLS", |chosen| {
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
        "what a PROXY header of version 2 tells beside the addresses",
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
        make: |values| {
            let chosen = *values.get::<SendProxy>()?;
            (chosen.v1 || chosen.v2).then(|| Arc::new(chosen) as Arc<dyn Layer>)
        },
    }
}

/// Whether a server of these values is sent a header of version 2.
pub(crate) fn writes_v2(values: &Values) -> bool {
    values.get::<SendProxy>().is_some_and(|chosen| chosen.v2)
}

impl SendProxy {
    /// The header for a connection. `None` if it cannot be written.
    fn header(&self, to: &Outgoing<'_>) -> Option<Vec<u8>> {
        let client = to.client;
        let (source, destination) =
            (client.map(|client| client.source), client.map(|client| client.destination));
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
            // Nobody comes with TLS before there is a layer for it.
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
        let header =
            self.header(to).ok_or_else(|| failed(io::Error::other("the PROXY header does not fit")))?;
        stream.write_all(&header).await.map_err(failed)?;
        stream.flush().await.map_err(failed)?;
        Ok(stream)
    }

    fn tells_unique_id(&self) -> bool {
        self.v2 && self.options.contains(Options::UNIQUE_ID)
    }

    /// A connection belongs to whom its header tells of. Without one it belongs to nobody.
    fn identity(&self, to: &Outgoing<'_>) -> Option<Vec<u8>> {
        Some(self.header(to).unwrap_or_default())
    }
}
