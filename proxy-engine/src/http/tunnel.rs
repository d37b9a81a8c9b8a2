//! What comes behind a response that begins a tunnel: bytes both ways.

use proxy_relay::{Control, Limits, relay};

use super::exchange::FrontConnection;
use super::links::Link;
use super::log::Seen;
use super::transaction::Transaction;
use crate::termination::Termination;

impl Transaction<'_, '_> {
    /// Relays until both sides have ended.
    pub(crate) async fn tunnel(&mut self, front: Box<dyn FrontConnection>, link: Link) {
        let timeouts = self.backend().map(|backend| *backend.timeouts()).unwrap_or_default();
        let limits = Limits {
            client: self.client.door.frontend.client,
            server: timeouts.server,
            tunnel: timeouts.tunnel,
        };
        let (received, sent) = self.moved(&*front);
        let (mut client, mut server) = (front.into_stream(), link.back.into_stream());
        let control = Control::new();
        let scratch = &self.client.worker.scratch;
        let outcome = relay(&mut *client, &mut *server, &limits, scratch, &control).await;
        self.termination = Termination::of(&outcome);
        let bytes = (received + outcome.to_server.bytes, sent + outcome.to_client.bytes);
        self.tell(&Seen { stream: &*client, bytes, outcome: Some(&outcome) });
        outcome.close(client, server);
        self.journey.slot = None;
    }
}
