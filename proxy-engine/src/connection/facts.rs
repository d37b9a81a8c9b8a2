//! The facts of a session or exchange that rules may use.

use std::time::SystemTime;

use proto_core::address::Address;
use proto_core::extension::Sampled;
use proto_core::stream::Stream;
use proxy_rules::captures::CapturePolicy;
use proxy_rules::{ServerState, SessionFacts};

use super::client::ClientConnection;
use crate::observe::{Began, Meter};

/// The facts of a session or exchange.
pub(crate) struct Facts<'a> {
    pub(crate) connection: &'a ClientConnection,
    pub(crate) stream: &'a dyn Stream,
    pub(crate) meter: &'a Meter,
    pub(crate) server: ServerFacts<'a>,
    /// The number among all sessions and exchanges of the process.
    pub(crate) number: u32,
}

/// The facts of the connection to the server.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ServerFacts<'a> {
    /// The connection while there is one, or the snapshot that was kept of it.
    pub(crate) connection: Option<Sampled<'a>>,
    /// Whether the connection had carried requests before; `None` without a connection.
    pub(crate) is_reused: Option<bool>,
}

impl SessionFacts for Facts<'_> {
    fn source(&self) -> &Address {
        self.connection.status.source()
    }

    fn destination(&self) -> &Address {
        self.connection.destination(self.stream)
    }

    fn connection_source(&self) -> &Address {
        self.connection.status.connection_source()
    }

    fn connection_destination(&self) -> &Address {
        self.connection.connection_destination(self.stream)
    }

    fn listener_name(&self) -> Option<&str> {
        self.connection.status.ingress.listener.name()
    }

    fn listener_number(&self) -> u32 {
        self.connection.status.ingress.listener.id()
    }

    fn frontend_name(&self) -> &str {
        self.connection.status.ingress.frontend.name()
    }

    fn backend_name(&self) -> Option<&str> {
        self.meter.backend().map(|backend| backend.name())
    }

    fn server_name(&self) -> Option<&str> {
        let server = || self.meter.server().map(|server| server.name());
        self.meter.service().or_else(server)
    }

    fn frontend_number(&self) -> Option<u32> {
        Some(self.connection.status.ingress.frontend.id())
    }

    fn backend_number(&self) -> Option<u32> {
        self.meter.backend().map(|backend| backend.id())
    }

    fn server_number(&self) -> Option<u32> {
        self.meter.server().map(|server| server.id())
    }

    fn accepted(&self) -> Option<SystemTime> {
        let Began { at, idle, handshake, .. } = *self.meter.began();
        at.checked_sub(idle + handshake)
    }

    fn began(&self) -> Option<SystemTime> {
        Some(self.meter.began().at)
    }

    fn number(&self) -> Option<u32> {
        Some(self.number)
    }

    fn request_line(&self) -> Option<&[u8]> {
        Some(self.meter.request_line())
    }

    fn captures(&self) -> Option<&CapturePolicy> {
        self.connection.frontend.policy.captures.as_deref()
    }

    fn is_first_request(&self) -> bool {
        !self.connection.is_known()
    }

    fn is_server_connection_reused(&self) -> Option<bool> {
        self.server.is_reused
    }

    fn server(&self) -> Option<Sampled<'_>> {
        self.server.connection
    }

    fn server_state(&self) -> Option<ServerState<'_>> {
        self.meter.server_state()
    }

    fn client(&self) -> Sampled<'_> {
        Sampled { stream: self.stream, findings: self.connection.status.findings() }
    }
}
