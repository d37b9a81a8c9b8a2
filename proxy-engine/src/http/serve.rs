//! Serves HTTP on a client's connection, from its acceptance or after it was upgraded from mode tcp: chooses the
//! codec, and serves the exchanges.

use std::sync::Arc;

use super::rooms::Rooms;
use super::{h1, multiplexed, serial};
use crate::connection::{Opened, Upgrade};
use crate::exchange::front::Front;
use crate::policy::HttpPolicy;

/// Serves a client until one side ends the connection, which counts towards the limits of the process until then.
pub(crate) async fn run(opened: Opened, policy: Arc<HttpPolicy>, rooms: impl AsRef<Rooms>) {
    let Some((connection, stream)) = opened.pass_layers().await else { return };
    let codec = (connection.worker.codecs.front)(&connection.status.ingress, &*stream);
    match codec(stream, &policy, &connection.worker.memory) {
        Front::Serial(front) => serial::serve(&connection, &policy, rooms.as_ref(), front, None).await,
        // Boxed: a connection of HTTP/1 has no space for it.
        Front::Multiplexed(front) => Box::pin(multiplexed::serve(&connection, &policy, front, None)).await,
    }
}

/// Serves a client whose connection began in mode tcp.
pub(crate) async fn run_upgraded(upgrade: Upgrade, rooms: &Rooms) {
    let Upgrade { connection, stream, begun, only_http1 } = upgrade;
    // Only frontends with an HTTP policy upgrade connections.
    let Some(policy) = connection.frontend.policy.upgrade.clone() else { return };
    connection.list();
    let codec = match only_http1 {
        true => h1::front_alone,
        false => (connection.worker.codecs.front)(&connection.status.ingress, &*stream),
    };
    match codec(stream, &policy, &connection.worker.memory) {
        Front::Serial(front) => {
            serial::serve(&connection, &policy, rooms, front, Some(Box::new(begun))).await;
        }
        Front::Multiplexed(front) => {
            multiplexed::serve(&connection, &policy, front, Some(Box::new(begun))).await;
        }
    }
}
