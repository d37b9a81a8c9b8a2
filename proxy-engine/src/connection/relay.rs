//! The relay of a session or tunnel: it ends when its activity is killed, counts bytes as they pass, and records what
//! is known of the connections before the kernel forgets it.

use std::cell::Cell;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Context;

use proto_core::stream::Stream;
use proxy_relay::{Gate, Outcome, RelayTimeouts};

use super::activity::Activity;
use super::client::ClientConnection;
use crate::observe::ConnectionInfos;
use crate::upstream::Backend;

/// Relays until both sides have ended, one has failed, a timeout has expired, or the activity is killed. With a gate, the
/// first bytes of the server are held, up to a limit, until it has decided about them. Returns also what is known of the
/// connections and their paths, if the record needs it.
#[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
pub(crate) fn relay<'a>(
    connection: &'a ClientConnection,
    activity: &'a Activity,
    backend: Option<&'a Arc<Backend>>,
    client: &'a mut dyn Stream,
    server: &'a mut dyn Stream,
    gate: Option<(&'a mut dyn Gate, usize)>,
) -> impl Future<Output = (Outcome, ConnectionInfos)> {
    async move {
        let seen = look_at_first_fin(connection, activity);
        let outcome = {
            let scratch = &connection.worker.scratch;
            let mut relayed = pin!({
                // Scoped, so that the future does not keep space for them while it relays.
                let limits = limits(connection, backend);
                // For as long as this block only.
                let gate = gate.map(|(gate, limit)| (gate as &mut dyn Gate, limit));
                proxy_relay::relay(&mut *client, &mut *server, &limits, scratch, &activity.relay, gate)
            });
            let mut is_killed = false;
            poll_fn(|cx| {
                pass_kill_on(activity, &mut is_killed, cx);
                relayed.as_mut().poll(cx)
            })
            .await
        };
        (outcome, seen_or(seen, client, server))
    }
}

/// What was known of the connections at the first end of file.
type Seen = Rc<Cell<Option<Box<ConnectionInfos>>>>;

/// Arranges to record the connections at the first end of file, if the log needs it. After an orderly end the kernel
/// has forgotten the paths of a connection.
fn look_at_first_fin(connection: &ClientConnection, activity: &Activity) -> Option<Seen> {
    let wants_infos =
        connection.status.ingress.frontend.log.connections && activity.meter.borrow().wants_record();
    wants_infos.then(|| {
        let seen = Seen::default();
        let at_fin = Rc::clone(&seen);
        activity.relay.at_first_fin(move |client, server| at_fin.set(Some(Box::new(infos(client, server)))));
        seen
    })
}

/// Returns what was recorded then, or else what is known now.
fn seen_or(seen: Option<Seen>, client: &dyn Stream, server: &dyn Stream) -> ConnectionInfos {
    match seen {
        None => ConnectionInfos::default(),
        Some(seen) => seen.take().map_or_else(|| infos(client, server), |seen| *seen),
    }
}

/// Ends the relay if its activity is killed.
fn pass_kill_on(activity: &Activity, is_killed: &mut bool, cx: &mut Context<'_>) {
    if !*is_killed && activity.kill.poll_killed(cx).is_ready() {
        *is_killed = true;
        activity.relay.kill();
    }
}

fn limits(connection: &ClientConnection, backend: Option<&Arc<Backend>>) -> RelayTimeouts {
    let timeouts = backend.map(|backend| *backend.timeouts()).unwrap_or_default();
    RelayTimeouts {
        client: connection.frontend.policy.client,
        server: timeouts.server,
        tunnel: timeouts.tunnel,
    }
}

fn infos(client: &dyn Stream, server: &dyn Stream) -> ConnectionInfos {
    ConnectionInfos { client: Some(client.info()), server: Some(server.info()) }
}
