//! The record of a session or exchange, made from what its meter has recorded and from what only its end knows.

use proto_core::address::Address;
use proto_core::layer::LayerError;
use proto_core::stream::Stream;
use proxy_relay::Outcome;
use proxy_rules::record::{Concurrent, Origin};
use tokio::time::Instant;

use super::Meter;
use crate::observe::infos::ConnectionInfos;
use crate::observe::record::{HttpRecord, SessionRecord, Timers};

/// The part of a record that is known only when it is made.
#[derive(Debug)]
pub(crate) struct RecordInputs<'r> {
    /// The client's connection.
    pub(crate) stream: &'r dyn Stream,
    pub(crate) source: &'r Address,
    /// What is known of both connections, if it is wanted.
    pub(crate) infos: &'r ConnectionInfos,
    /// The outcome of the relay, if there was one.
    pub(crate) outcome: Option<&'r Outcome>,
    /// Whether the session still holds a slot of its server.
    pub(crate) holds_slot: bool,
    /// Its number among all sessions and exchanges of the process.
    pub(crate) number: u32,
    /// The number of lines that its frontend has logged before.
    pub(crate) log_count: u64,
    /// Why a handshake of the client's connection failed, if one did.
    pub(crate) handshake_error: Option<&'r LayerError>,
    /// How it failed before there was a session or a request.
    pub(crate) failed_early: Option<Origin>,
    /// Whether the session may go on after this record.
    pub(crate) is_early: bool,
}

impl Meter {
    /// Makes the record. This is the only place where one is made.
    pub(crate) fn record<'r>(&'r self, inputs: &RecordInputs<'r>) -> SessionRecord<'r> {
        let RecordInputs { is_early, .. } = *inputs;
        let now = self.ended.unwrap_or_else(Instant::now);
        // At its end a session no longer counts for its backend and its server.
        let own = |counts: bool| usize::from(counts && !is_early);
        let backend = self.backend();
        let concurrent = Concurrent {
            process: self.view.connections(),
            frontend: self.ingress.frontend.counters.current(),
            backend: backend.map_or(0, |backend| backend.counters.current().saturating_sub(own(true))),
            server: self
                .server
                .as_ref()
                .map_or(0, |server| server.counters.current().saturating_sub(own(inputs.holds_slot))),
        };
        let since_wanted = |at: Instant| at.saturating_duration_since(self.wanted);
        let timers = Timers {
            queue: self.queued,
            connect: self
                .connected
                .zip(self.queued)
                .map(|(at, queued)| since_wanted(at).saturating_sub(queued)),
            total: now.duration_since(self.began.since),
        };
        let longest = self.ingress.frontend.log.longest_request;
        let http = self.http.as_ref().map(|http| HttpRecord {
            request_line: http.line.get(..longest).unwrap_or(&http.line),
            status: self.status,
            idle: self.began.idle,
            request: http.received.map(|at| at.duration_since(self.began.since)),
            response: self.answered.zip(self.connected).map(|(at, from)| at.duration_since(from)),
        });
        SessionRecord {
            frontend: &self.ingress.frontend,
            listener: &self.ingress.listener,
            backend: backend.map(|backend| &**backend),
            server: self.server.as_deref(),
            accepted: self.began.at,
            handshake: self.began.handshake,
            client: inputs.source,
            server_address: self.address.as_ref(),
            own_address: self.own_address.as_deref(),
            timers,
            bytes_to_server: self.bytes.0,
            bytes_to_client: self.bytes.1,
            termination: self.termination,
            cookies: self.cookies.letters(),
            is_early,
            retries: self.retries,
            redispatched: self.redispatched,
            concurrent,
            queue_positions: self.queue_positions,
            connect_error: self.error.as_deref().filter(|_| self.connected.is_none()),
            outcome: inputs.outcome,
            client_info: inputs.infos.client.as_ref(),
            server_info: inputs.infos.server.as_ref().or(self.server_info.as_deref()),
            http,
            number: inputs.number,
            log_count: inputs.log_count,
            handshake_error: inputs.handshake_error,
            failed_early: inputs.failed_early,
            client_stream: inputs.stream,
        }
    }
}
