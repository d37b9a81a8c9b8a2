//! The relay of a session, or of an exchange that has become a tunnel: it is ended with its activity, counts bytes there
//! while they pass, and looks at the connections as long as there is something to see.

use std::cell::Cell;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use proto_core::stream::Stream;
use proxy_relay::{Outcome, RelayTimeouts};

use super::activity::Activity;
use super::client::ClientConnection;
use crate::observe::ConnectionInfos;
use crate::upstream::Backend;

/// Relays until both sides have ended, one has failed, a limit has passed, or the activity is killed. Returns also what
/// the connections really were, if a record will want it.
#[expect(clippy::manual_async_fn, reason = "an `async fn` keeps the room of its arguments twice")]
pub(crate) fn relay<'a>(
    connection: &'a ClientConnection,
    activity: &'a Activity,
    backend: Option<&'a Arc<Backend>>,
    client: &'a mut dyn Stream,
    server: &'a mut dyn Stream,
) -> impl Future<Output = (Outcome, ConnectionInfos)> {
    async move {
        let control = &activity.relay;
        let wants_infos =
            connection.status.ingress.frontend.log.connections && activity.meter.borrow().wants_record();
        let seen = wants_infos.then(|| {
            // After an orderly end the kernel has forgotten the paths of a connection.
            let seen = Rc::new(Cell::new(None));
            let at_fin = Rc::clone(&seen);
            control.at_first_fin(move |client, server| at_fin.set(Some(Box::new(infos(client, server)))));
            seen
        });
        let outcome = {
            let scratch = &connection.worker.scratch;
            let mut relayed = pin!({
                // Their room is not kept while it relays.
                let limits = limits(connection, backend);
                proxy_relay::relay(&mut *client, &mut *server, &limits, scratch, control)
            });
            let mut is_killed = false;
            poll_fn(|cx| {
                if !is_killed && activity.kill.poll_killed(cx).is_ready() {
                    is_killed = true;
                    control.kill();
                }
                relayed.as_mut().poll(cx)
            })
            .await
        };
        let infos = match seen {
            None => ConnectionInfos::default(),
            Some(seen) => seen.take().map_or_else(|| infos(client, server), |seen| *seen),
        };
        (outcome, infos)
    }
}

fn limits(connection: &ClientConnection, backend: Option<&Arc<Backend>>) -> RelayTimeouts {
    let timeouts = backend.map(|backend| *backend.timeouts()).unwrap_or_default();
    RelayTimeouts { client: connection.frontend.client, server: timeouts.server, tunnel: timeouts.tunnel }
}

fn infos(client: &dyn Stream, server: &dyn Stream) -> ConnectionInfos {
    ConnectionInfos { client: Some(client.info()), server: Some(server.info()) }
}
