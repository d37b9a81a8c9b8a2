//! A client's connection as it is listed and killed: who it is, what it does, and how much it has carried.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use proto_core::findings::Findings;
use tokio::time::Instant;

use super::kill::KillSwitch;
use crate::observe::{Began, Ingress};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// The handshakes of its layers.
    Setup,
    /// Nothing: a request is waited for.
    Idle,
    /// A session or an exchange.
    Busy,
    /// It is being closed.
    Closing,
}

/// A connection as it is listed and killed.
#[derive(Debug)]
pub(crate) struct ConnectionStatus {
    pub(crate) id: u64,
    /// Who connected.
    accepted_from: Address,
    /// What the handshakes of its layers have found out.
    findings: OnceCell<Box<Findings>>,
    pub(crate) ingress: Arc<Ingress>,
    accepted_at: SystemTime,
    /// On the clock that is never set back.
    pub(crate) accepted: Instant,
    pub(crate) kill: KillSwitch,
    doing: Cell<(Doing, Instant)>,
    handshake: Cell<Duration>,
    requests: Cell<u64>,
    /// From the client and to it.
    bytes: Cell<(u64, u64)>,
}

impl ConnectionStatus {
    pub(crate) fn new(id: u64, source: Address, ingress: Arc<Ingress>, began: Began) -> ConnectionStatus {
        ConnectionStatus {
            id,
            accepted_from: source,
            findings: OnceCell::new(),
            ingress,
            accepted_at: began.at,
            accepted: began.since,
            kill: KillSwitch::default(),
            doing: Cell::new((Doing::Setup, began.since)),
            handshake: Cell::new(Duration::ZERO),
            requests: Cell::new(0),
            bytes: Cell::new((0, 0)),
        }
    }

    /// The client: who connected, or who that said it speaks for.
    pub(crate) fn source(&self) -> &Address {
        self.findings().source.as_ref().unwrap_or(&self.accepted_from)
    }

    /// What the handshakes of its layers have found out.
    pub(crate) fn findings(&self) -> &Findings {
        match self.findings.get() {
            Some(findings) => findings,
            None => Findings::none(),
        }
    }

    /// Its layers are passed, or one of them is not.
    pub(super) fn set_up(&self, findings: Findings) {
        self.handshake.set(self.accepted.elapsed());
        // It is set up once.
        let _ = self.findings.set(Box::new(findings));
    }

    /// When its layers were passed, as the beginning of a session.
    pub(crate) fn established(&self) -> Began {
        let handshake = self.handshake.get();
        let (at, since) = (self.accepted_at + handshake, self.accepted + handshake);
        Began { at, since, idle: Duration::ZERO, handshake }
    }

    /// Requests that it has made and that have ended.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// A session or exchange of it has ended that moved so many bytes.
    pub(crate) fn carried(&self, (from_client, to_client): (u64, u64)) {
        let (received, sent) = self.bytes.get();
        self.bytes.set((received + from_client, sent + to_client));
        self.requests.set(self.requests.get() + 1);
    }

    /// Bytes from the client and to it, of sessions and exchanges that have ended.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        self.bytes.get()
    }

    /// From this moment on it does something else.
    pub(crate) fn does(&self, doing: Doing, since: Instant) {
        self.doing.set((doing, since));
    }

    /// What it does, and since when.
    pub(crate) fn doing(&self) -> (Doing, Instant) {
        self.doing.get()
    }
}
