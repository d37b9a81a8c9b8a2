//! What follows a response that begins a tunnel: bytes both ways.

use std::future::{Future as _, poll_fn};
use std::pin::pin;

use proto_core::stream::Stream;
use proxy_relay::{Control, RelayTimeouts, relay};

use super::Exchange;
use crate::http::servers::ServerExchange;
use crate::observe::Termination;

impl Exchange<'_> {
    /// Relays until both sides have ended. What the exchange has moved before counts as well.
    pub(crate) async fn tunnel(&mut self, mut client: Box<dyn Stream>, server: ServerExchange) {
        let timeouts = self.backend.map(|backend| *backend.timeouts()).unwrap_or_default();
        let limits = RelayTimeouts {
            client: self.connection.frontend.client,
            server: timeouts.server,
            tunnel: timeouts.tunnel,
        };
        let mut server = server.into_stream();
        let control = Control::new();
        let outcome = {
            let scratch = &self.connection.worker.scratch;
            let mut relayed = pin!(relay(&mut *client, &mut *server, &limits, scratch, &control));
            let mut is_killed = false;
            poll_fn(|cx| {
                if !is_killed && self.activity.kill.poll_killed(cx).is_ready() {
                    is_killed = true;
                    control.kill();
                }
                relayed.as_mut().poll(cx)
            })
            .await
        };
        let mut meter = self.activity.meter.borrow_mut();
        let (received, sent) = meter.bytes();
        meter.moved(received + outcome.to_server.bytes, sent + outcome.to_client.bytes);
        meter.ended(Termination::of(&outcome));
        drop(meter);
        self.report(&*client, Some(&outcome)).finish();
        outcome.close(client, server);
        self.dispatch.slot = None;
    }
}
