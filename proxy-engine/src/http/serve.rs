//! A client's connection of HTTP, from its acceptance on, or from when it was found to be one: its codec is chosen, and its
//! exchanges are served.

use std::rc::Rc;
use std::sync::Arc;

use proto_core::stream::Stream;

use super::{h1, multiplexed, serial};
use crate::connection::{Begun, ClientConnection, Opened, Upgrade};
use crate::exchange::codec::FrontCodec;
use crate::exchange::front::Front;
use crate::policy::HttpPolicy;

/// Serves a client until one side ends the connection. What the connection takes of the process's limits is held until
/// then.
pub(crate) async fn run(opened: Opened, policy: Arc<HttpPolicy>) {
    let Some((connection, stream)) = opened.pass_layers().await else { return };
    let codec = (connection.worker.codecs.front)(&connection.status.ingress, &*stream);
    serve(&connection, &policy, codec, stream, None).await;
}

/// The same for one that has begun in mode tcp.
pub(crate) async fn run_upgraded(upgrade: Upgrade) {
    let Upgrade { connection, stream, begun, only_http1 } = upgrade;
    // Only frontends that say what they do about HTTP lead there.
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
        Front::Multiplexed(front) => multiplexed::serve(connection, policy, front).await,
    }
}
