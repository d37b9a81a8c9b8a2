//! `accept-proxy`: clients connect through a proxy, which sends their addresses in a PROXY header.

use std::sync::Arc;

use async_trait::async_trait;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerCode, LayerError};
use proto_core::stream::Stream;
use proxy_config::layers::{ChosenLayer, LayerPlace};
use proxy_config::{Parameter, Scope};

use crate::HEADER_MAX;
use crate::code::{ErrorCode, Refused, layer_code};
use crate::progress::Progress;
use crate::proxy_protocol::{self, Header};
use crate::receive::{Preamble, receive};

inventory::submit! {
    Parameter::new("accept-proxy", Scope::Bind, "", "clients begin with a PROXY header", |endpoint| {
        endpoint.values.set(AcceptProxy);
        Ok(())
    })
}

inventory::submit! {
    ChosenLayer {
        name: NAME,
        scope: Scope::Bind,
        place: LayerPlace::Preamble,
        make: |said| said.line.get::<AcceptProxy>().map(|_| Arc::new(AcceptProxy) as Arc<dyn Layer>),
    }
}

const NAME: &str = "accept-proxy";

/// The PROXY header of a connection, stored among its findings.
#[derive(Debug)]
pub(crate) struct Received(pub(crate) Header);

/// The layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AcceptProxy;

impl Preamble for AcceptProxy {
    type Header = Header;
    const ABORTED: ErrorCode = ErrorCode::PrxAbort;

    fn parse(&self, received: &[u8]) -> Result<Progress<Header>, Refused> {
        proxy_protocol::parse(received, HEADER_MAX)
    }

    fn ended(&self, received: &[u8]) -> Refused {
        proxy_protocol::ended(received)
    }
}

#[async_trait]
impl Layer for AcceptProxy {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn accept(
        &self,
        stream: Box<dyn Stream>,
        findings: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        match receive(self, stream).await {
            Ok((header, stream)) => {
                if let Some(addresses) = header.addresses() {
                    addresses.tell(findings);
                }
                findings.extensions.insert(Received(header));
                Ok(stream)
            }
            Err(refusal) => {
                // The log line has the addresses that came before the mistake.
                if let Some(addresses) = refusal.refused.addresses {
                    addresses.tell(findings);
                }
                Err(refusal.of(NAME))
            }
        }
    }

    fn timeout_code(&self) -> Option<LayerCode> {
        Some(layer_code(ErrorCode::PrxTimeout))
    }
}
