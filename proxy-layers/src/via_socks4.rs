//! `socks4`: the connection to a server is made through a SOCKS4 proxy.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use proto_core::address::Address;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, Outgoing};
use proto_core::stream::Stream;
use proxy_config::layers::{ChosenLayer, LayerPlace, Via};
use proxy_config::{Parameter, Scope};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::code::{ErrorCode, layer_code};
use crate::socks4;

inventory::submit! {
    Parameter::new("socks4", Scope::Server, "<addr>:<port>", "connect through this SOCKS4 proxy", |endpoint| {
        let word = endpoint.args.word("the address of the SOCKS4 proxy")?;
        let address: SocketAddr =
            word.text.parse().map_err(|_| endpoint.args.bad(word, "an IP address with a port"))?;
        endpoint.values.set(Via(address.into()));
        endpoint.values.set(ViaSocks4);
        Ok(())
    })
}

inventory::submit! {
    ChosenLayer {
        name: NAME,
        scope: Scope::Server,
        place: LayerPlace::Route,
        make: |said| said.line.get::<ViaSocks4>().map(|_| Arc::new(ViaSocks4) as Arc<dyn Layer>),
    }
}

const NAME: &str = "socks4";

/// The layer.
#[derive(Clone, Copy, Debug)]
struct ViaSocks4;

fn failed(code: ErrorCode, source: io::Error) -> LayerError {
    LayerError::Failed { layer: NAME, code: Some(layer_code(code)), source }
}

#[async_trait]
impl Layer for ViaSocks4 {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn connect(
        &self,
        mut stream: Box<dyn Stream>,
        to: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let Address::Inet(SocketAddr::V4(target)) = to.target.address else {
            let message = format!("SOCKS4 reaches IPv4 addresses only, not {}", to.target.address);
            return Err(LayerError::failed(NAME, io::Error::new(io::ErrorKind::Unsupported, message)));
        };
        let send = |error| failed(ErrorCode::Socks4Send, error);
        stream.write_all(&socks4::request(target)).await.map_err(send)?;
        stream.flush().await.map_err(send)?;
        let mut answer = [0; socks4::ANSWER];
        if let Err(error) = stream.read_exact(&mut answer).await {
            let code = match error.kind() {
                io::ErrorKind::UnexpectedEof => ErrorCode::Socks4Recv,
                _ => ErrorCode::Socks4Abort,
            };
            return Err(failed(code, error));
        }
        let denied =
            |refused| failed(ErrorCode::Socks4Deny, io::Error::new(io::ErrorKind::PermissionDenied, refused));
        socks4::parse(&answer).map_err(denied)?;
        Ok(stream)
    }
}
