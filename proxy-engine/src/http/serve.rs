//! A client's connection of mode http, from its acceptance on: its codec is chosen, and its exchanges are served.

use std::sync::Arc;

use super::{multiplexed, serial};
use crate::connection::Opened;
use crate::exchange::front::Front;
use crate::policy::HttpPolicy;

/// Serves a client until one side ends the connection. What the connection takes of the process's limits is held until
/// then.
pub(crate) async fn run(opened: Opened, policy: Arc<HttpPolicy>) {
    let Some((connection, stream)) = opened.pass_layers().await else { return };
    let codec = (connection.worker.codecs.front)(&connection.status.ingress, &*stream);
    match codec(stream, &policy) {
        Front::Serial(front) => serial::serve(&connection, &policy, front).await,
        Front::Multiplexed(front) => multiplexed::serve(&connection, &policy, front).await,
    }
}
