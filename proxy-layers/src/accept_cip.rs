//! `accept-netscaler-cip`: clients connect through a NetScaler, which sends their addresses in a header of its own.

use std::sync::Arc;

use async_trait::async_trait;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerCode, LayerError};
use proto_core::stream::Stream;
use proxy_config::layers::{ChosenLayer, LayerPlace};
use proxy_config::{Parameter, Scope};

use crate::code::{ErrorCode, Refused, layer_code};
use crate::progress::Progress;
use crate::receive::{Preamble, receive};
use crate::{Addresses, HEADER_MAX, netscaler};

inventory::submit! {
    Parameter::new(
        "accept-netscaler-cip",
        Scope::Bind,
        "<magic>",
        "clients begin with a NetScaler client IP header",
        |endpoint| {
            let magic = endpoint.args.number(1..=u32::MAX, "the magic number")?;
            endpoint.values.set(AcceptCip { magic });
            Ok(())
        },
    )
}

inventory::submit! {
    ChosenLayer {
        name: NAME,
        scope: Scope::Bind,
        place: LayerPlace::Preamble,
        make: |said| said.line.get::<AcceptCip>().map(|chosen| Arc::new(*chosen) as Arc<dyn Layer>),
    }
}

const NAME: &str = "accept-netscaler-cip";

/// The layer, with the magic number of its bind line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AcceptCip {
    pub(crate) magic: u32,
}

impl Preamble for AcceptCip {
    type Header = Addresses;
    const ABORTED: ErrorCode = ErrorCode::CipAbort;

    fn parse(&self, received: &[u8]) -> Result<Progress<Addresses>, Refused> {
        netscaler::parse(received, self.magic, HEADER_MAX)
    }

    fn ended(&self, received: &[u8]) -> Refused {
        netscaler::ended(received)
    }
}

#[async_trait]
impl Layer for AcceptCip {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn accept(
        &self,
        stream: Box<dyn Stream>,
        findings: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let (addresses, stream) = receive(self, stream).await.map_err(|refusal| refusal.of(NAME))?;
        addresses.tell(findings);
        Ok(stream)
    }

    fn timeout_code(&self) -> Option<LayerCode> {
        Some(layer_code(ErrorCode::CipTimeout))
    }
}
