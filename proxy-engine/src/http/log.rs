//! What is told of an exchange when it is over.

use proto_core::stream::Stream;
use proxy_relay::Outcome;
use tokio::time::Instant;

use super::exchange::FrontConnection;
use super::transaction::Transaction;
use crate::frontend::{Door, LogMoment};
use crate::record::{Concurrent, HttpRecord, SessionRecord, Timers};

/// A client's connection at the end of an exchange.
pub(crate) struct Seen<'s> {
    pub(crate) stream: &'s dyn Stream,
    /// From it and to it, in this exchange.
    pub(crate) bytes: (u64, u64),
    /// Of the tunnel that it became.
    pub(crate) outcome: Option<&'s Outcome>,
}

impl Transaction<'_, '_> {
    /// Counts it, and tells of it if it was not told of before.
    pub(crate) fn log(&mut self, front: &dyn FrontConnection) {
        let bytes = self.moved(front);
        self.tell(&Seen { stream: front.stream(), bytes, outcome: None });
    }

    /// Tells of it as soon as there is a response: what is counted comes later.
    pub(crate) fn log_early(&mut self, front: &dyn FrontConnection) {
        let bytes = self.moved(front);
        self.record(&Seen { stream: front.stream(), bytes, outcome: None }, true);
        self.is_told = true;
    }

    /// Bytes from the client and to it, in this exchange.
    pub(crate) fn moved(&self, front: &dyn FrontConnection) -> (u64, u64) {
        // Of what is no request yet everything counts.
        let came = if self.received.is_some() { front.consumed() } else { front.received() };
        (came.saturating_sub(self.client.consumed), front.sent().saturating_sub(self.sent_before))
    }

    pub(crate) fn tell(&mut self, seen: &Seen<'_>) {
        self.count(seen.bytes);
        if !self.is_told {
            self.record(seen, false);
        }
    }

    fn record(&mut self, seen: &Seen<'_>, is_early: bool) {
        let log = &self.client.door.frontend.log;
        if !matches!(log.moment, LogMoment::Ended | LogMoment::Connected) {
            return;
        }
        let Seen { stream, bytes, outcome } = *seen;
        let client_info = self.client.info(stream);
        let now = Instant::now();
        let Door { frontend, listener } = self.client.door;
        let journey = &self.journey;
        let own = usize::from(!is_early && journey.slot.is_some());
        let backend = self.backend().map(|backend| &**backend);
        let concurrent = Concurrent {
            process: self.client.worker.connections(),
            frontend: frontend.tally.current(),
            backend: backend
                .map_or(0, |backend| backend.tally().current().saturating_sub(usize::from(!is_early))),
            server: journey.server.as_ref().map_or(0, |server| server.tally().current().saturating_sub(own)),
        };
        let received = self.received;
        let since_head = |at: Option<Instant>| at.zip(received).map(|(at, head)| at.duration_since(head));
        let connect =
            since_head(self.connected).zip(journey.queued).map(|(at, queued)| at.saturating_sub(queued));
        let timers = Timers { queue: journey.queued, connect, total: now.duration_since(self.begun.since) };
        let http = HttpRecord {
            request_line: &self.line,
            status: self.status,
            idle: self.begun.idle,
            request: received.map(|at| at.duration_since(self.begun.since)),
            response: self.answered.zip(self.connected).map(|(at, from)| at.duration_since(from)),
        };
        self.client.worker.observer.session(&SessionRecord {
            frontend,
            listener,
            backend,
            server: journey.server.as_deref(),
            accepted: self.begun.at,
            client: self.client.source.clone(),
            server_address: journey.address.clone(),
            timers,
            bytes_to_server: bytes.0,
            bytes_to_client: bytes.1,
            termination: self.termination,
            is_early,
            retries: journey.retries,
            redispatched: journey.redispatched,
            concurrent,
            places: journey.places,
            connect_error: journey.error.as_ref().filter(|_| self.connected.is_none()),
            outcome,
            client_info,
            server_info: self.server_info.take(),
            client_stream: stream,
            http: Some(http),
        });
    }

    fn count(&mut self, bytes: (u64, u64)) {
        self.client.worker.counters.session_ended(self.connected.is_some(), bytes.0, bytes.1);
        self.client.door.listener.tally.moved(bytes.0, bytes.1);
        if let Some(server) = &self.journey.server {
            server.tally().moved(bytes.0, bytes.1);
        }
    }
}
