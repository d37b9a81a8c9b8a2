//! Relays bytes both ways after a response that begins a tunnel.

use proto_core::stream::Stream;

use super::Exchange;
use crate::connection::{relay, sampled};
use crate::http::servers::ServerExchange;

impl Exchange<'_> {
    /// Relays until both sides have ended. The bytes that the exchange moved before count as well.
    pub(crate) async fn tunnel(&mut self, mut client: Box<dyn Stream>, server: Box<ServerExchange>) {
        let findings = server.findings().clone();
        let mut server = server.into_stream();
        let (outcome, infos) =
            relay(self.connection, &self.activity, self.backend, &mut *client, &mut *server, None).await;
        let mut meter = self.activity.meter.borrow_mut();
        let (received, sent) = meter.bytes();
        meter.moved(received + outcome.to_server.bytes, sent + outcome.to_client.bytes);
        meter.relayed(&outcome, self.activity.kill.cause());
        drop(meter);
        self.report(&*client, Some(sampled(&*server, &findings)), Some(&outcome), infos).finish();
        outcome.close(client, server);
        self.dispatch.slot = None;
    }
}
