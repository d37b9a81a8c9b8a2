//! Serves HTTP on a client's connection, from its acceptance or after it was upgraded from mode tcp: chooses the
//! codec, and serves the exchanges.

use std::rc::Rc;
use std::sync::Arc;

use proto_core::stream::Stream;

use super::{h1, multiplexed, serial};
use crate::connection::{Begun, ClientConnection, Opened, Upgrade};
use crate::exchange::codec::FrontCodec;
use crate::exchange::front::Front;
use crate::policy::HttpPolicy;

/// Serves a client until one side ends the connection, which counts towards the limits of the process until then.
pub(crate) async fn run(opened: Opened, policy: Arc<HttpPolicy>) {
    let Some((connection, stream)) = opened.pass_layers().await else { return };
    let codec = (connection.worker.codecs.front)(&connection.status.ingress, &*stream);
    serve(&connection, &policy, codec, stream, None).await;
}

/// Serves a client whose connection began in mode tcp.
pub(crate) async fn run_upgraded(upgrade: Upgrade) {
    let Upgrade { connection, stream, begun, only_http1 } = upgrade;
    // Only frontends with an HTTP policy upgrade connections.
    let Some(policy) = connection.frontend.upgrade.clone() else { return };
    connection.list();
    let codec = match only_http1 {
        true => h1::front_alone,
        false => (connection.worker.codecs.front)(&connection.status.ingress, &*stream),
    };
    serve(&connection, &policy, codec, stream, Some(Box::new(begun))).await;
}

async fn serve(
    connection: &Rc<ClientConnection>,
    policy: &Arc<HttpPolicy>,
    codec: FrontCodec,
    stream: Box<dyn Stream>,
    begun: Option<Box<Begun>>,
) {
    match codec(stream, policy) {
        Front::Serial(front) => serial::serve(connection, policy, front, begun).await,
        Front::Multiplexed(front) => multiplexed::serve(connection, policy, front, begun).await,
    }
}
