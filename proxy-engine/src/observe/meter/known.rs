//! What a meter knows, for commands, for rules, and for the code that decides how a session goes on.

use std::sync::Arc;

use proto_core::address::Address;
use proto_core::error::ConnectError;
use proxy_rules::ServerState;
use tokio::time::Instant;

use super::{Meter, ServerCarriers};
use crate::observe::began::Began;
use crate::observe::observed::{ObservedBackend, ObservedServer};
use crate::observe::termination::{Stage, Termination};

impl Meter {
    pub(crate) fn began(&self) -> &Began {
        &self.began
    }

    pub(crate) fn retries(&self) -> u32 {
        self.retries
    }

    /// Returns when it was connected to its server.
    pub(crate) fn connected_at(&self) -> Option<Instant> {
        self.connected
    }

    /// Returns when it ended, if the clock was read then.
    pub(crate) fn ended_at(&self) -> Option<Instant> {
        self.ended
    }

    pub(crate) fn is_exchange(&self) -> bool {
        self.http.is_some()
    }

    pub(crate) fn has_request(&self) -> bool {
        self.http.as_ref().is_some_and(|http| http.received.is_some())
    }

    /// Returns the request line as received, if logs need it.
    pub(crate) fn request_line(&self) -> &[u8] {
        self.http.as_ref().map_or(&[], |http| &http.line)
    }

    /// Returns the status of the response, once it has arrived.
    pub(crate) fn answer(&self) -> Option<u16> {
        self.status.filter(|_| self.answered.is_some())
    }

    pub(crate) fn termination(&self) -> Termination {
        self.termination
    }

    pub(crate) fn backend(&self) -> Option<&Arc<ObservedBackend>> {
        self.backend.as_ref().map(|present| &present.0)
    }

    /// Returns the name of the service that answers in place of a server.
    pub(crate) fn service(&self) -> Option<&'static str> {
        self.service
    }

    pub(crate) fn server(&self) -> Option<&Arc<ObservedServer>> {
        self.server.as_ref()
    }

    pub(crate) fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    /// Returns the state of the connection to the server; `None` before the first attempt has a result.
    pub(crate) fn server_state(&self) -> Option<ServerState<'_>> {
        match (self.connected, &self.error) {
            (Some(_), _) => Some(self.broken.map_or(ServerState::Sound, ServerState::Broken)),
            // As in HAProxy, an attempt that timed out leaves no trace.
            (None, Some(error)) if matches!(**error, ConnectError::TimedOut { .. }) => None,
            (None, Some(error)) => Some(ServerState::Unreached(error)),
            (None, None) => None,
        }
    }

    /// Returns what carries the connection to the server, once there is one.
    pub(crate) fn carriers(&self) -> Option<&ServerCarriers> {
        self.carriers.as_ref()
    }

    pub(crate) fn bytes(&self) -> (u64, u64) {
        self.bytes
    }

    /// Returns the phase it has reached.
    pub(crate) fn stage(&self) -> Stage {
        if self.http.as_ref().is_some_and(|http| http.is_held) {
            return Stage::Tarpit;
        }
        if self.connected.is_some() {
            let is_waiting = self.http.is_some() && self.answered.is_none();
            return if is_waiting { Stage::Headers } else { Stage::Data };
        }
        match (self.backend.is_some(), self.queued.is_some()) {
            (false, _) => Stage::Request,
            (true, false) => Stage::Queue,
            (true, true) => Stage::Connect,
        }
    }
}
