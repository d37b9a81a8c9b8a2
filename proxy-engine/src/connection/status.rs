//! The part of a client's connection that is listed and killed: the client, the state, the byte totals.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use proto_core::carriers::Carriers;
use proto_core::findings::Findings;
use proxy_rules::Changes;
use tokio::time::Instant;

use super::kill::KillSwitch;
use crate::observe::{Began, Ingress};

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// The handshakes of its layers are in progress.
    Setup,
    /// The connection waits for a request.
    Idle,
    /// A session or an exchange is in progress.
    Busy,
    /// The connection is being closed.
    Closing,
}

/// The part of a connection that is listed and killed.
#[derive(Debug)]
pub(crate) struct ConnectionStatus {
    pub(crate) id: u64,
    /// The peer of the connection.
    accepted_from: Address,
    /// The result of the handshakes, if there were any. Boxed: most connections have none.
    setup: OnceCell<Box<Setup>>,
    /// The addresses that connection rules have changed, and those that session rules have. Boxed for the same reason.
    by_connection_rules: OnceCell<Box<Changes>>,
    by_session_rules: OnceCell<Box<Changes>>,
    pub(crate) ingress: Arc<Ingress>,
    /// What carries the connection, if that is not just the protocol of its listener. Boxed: for most it is.
    carriers: RefCell<Option<Box<Carriers>>>,
    accepted_at: SystemTime,
    /// The moment of acceptance on the monotonic clock.
    pub(crate) accepted: Instant,
    pub(crate) kill: KillSwitch,
    doing: Cell<(Doing, Instant)>,
    requests: Cell<u64>,
    /// The bytes from the client and to it.
    bytes: Cell<(u64, u64)>,
}

/// The result of the handshakes of a connection's layers.
#[derive(Debug)]
struct Setup {
    /// What the handshakes found out.
    findings: Findings,
    /// The duration of the handshakes.
    lasted: Duration,
}

impl ConnectionStatus {
    pub(crate) fn new(id: u64, source: Address, ingress: Arc<Ingress>, began: Began) -> ConnectionStatus {
        ConnectionStatus {
            id,
            accepted_from: source,
            setup: OnceCell::new(),
            by_connection_rules: OnceCell::new(),
            by_session_rules: OnceCell::new(),
            ingress,
            carriers: RefCell::default(),
            accepted_at: began.at,
            accepted: began.since,
            kill: KillSwitch::default(),
            doing: Cell::new((Doing::Setup, began.since)),
            requests: Cell::new(0),
            bytes: Cell::new((0, 0)),
        }
    }

    /// Returns the address of the client: the one that session rules have set, else the one that a layer gave, else
    /// the peer of the connection.
    pub(crate) fn source(&self) -> &Address {
        let changed = self.by_session_rules.get().and_then(|changes| changes.source.as_ref());
        let told = || self.setup.get().and_then(|setup| setup.findings.source.as_ref());
        changed.or_else(told).unwrap_or_else(|| self.connection_source())
    }

    /// Returns the address of the peer, or the one that connection rules have set. Layers do not change it: they
    /// identify the client on whose behalf the peer speaks.
    pub(crate) fn connection_source(&self) -> &Address {
        let changed = self.by_connection_rules.get().and_then(|changes| changes.source.as_ref());
        changed.unwrap_or(&self.accepted_from)
    }

    /// Returns the destination that session rules have set.
    pub(super) fn session_destination(&self) -> Option<&Address> {
        self.by_session_rules.get().and_then(|changes| changes.destination.as_ref())
    }

    /// Returns the destination that connection rules have set.
    pub(super) fn connection_destination(&self) -> Option<&Address> {
        self.by_connection_rules.get().and_then(|changes| changes.destination.as_ref())
    }

    /// Stores the changes of connection rules, which run once.
    pub(super) fn changed_by_connection_rules(&self, changes: Option<Box<Changes>>) {
        if let Some(changes) = changes {
            let _ = self.by_connection_rules.set(changes);
        }
    }

    /// Stores the changes of session rules, which run once.
    pub(super) fn changed_by_session_rules(&self, changes: Option<Box<Changes>>) {
        if let Some(changes) = changes {
            let _ = self.by_session_rules.set(changes);
        }
    }

    /// Returns what the handshakes of the layers found out.
    pub(crate) fn findings(&self) -> &Findings {
        match self.setup.get() {
            Some(setup) => &setup.findings,
            None => Findings::none(),
        }
    }

    /// Stores the result of the handshakes, whether they succeeded or not.
    pub(super) fn set_up(&self, findings: Findings, has_waited: bool) {
        if !has_waited && findings.is_empty() {
            return;
        }
        let lasted = if has_waited { self.accepted.elapsed() } else { Duration::ZERO };
        let setup = Setup { findings, lasted };
        // The handshakes happen once.
        let _ = self.setup.set(Box::new(setup));
    }

    /// Sets what carries the connection from now on.
    pub(super) fn carried_by(&self, carriers: Carriers) {
        let is_told = carriers.is_plain() && carriers.transport == self.ingress.listener.protocol();
        self.carriers.replace((!is_told).then(|| Box::new(carriers)));
    }

    /// Returns what carries the connection, in one word, as of the end of the handshakes.
    pub(crate) fn carriers(&self) -> Cow<'static, str> {
        match &*self.carriers.borrow() {
            Some(carriers) => carriers.to_string().into(),
            None => self.ingress.listener.protocol().into(),
        }
    }

    /// Returns the acceptance, as the beginning of a session that consists of handshakes only.
    pub(super) fn accepted(&self) -> Began {
        self.began_after(Duration::ZERO)
    }

    /// Returns the end of the handshakes, as the beginning of a session.
    pub(crate) fn established(&self) -> Began {
        self.began_after(self.setup.get().map_or(Duration::ZERO, |setup| setup.lasted))
    }

    fn began_after(&self, handshake: Duration) -> Began {
        let (at, since) = (self.accepted_at + handshake, self.accepted + handshake);
        Began { at, since, idle: Duration::ZERO, handshake }
    }

    /// Returns the number of sessions or exchanges that have ended.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// Adds a session or exchange that has ended, and its bytes from the client and to it.
    pub(crate) fn has_carried(&self, (from_client, to_client): (u64, u64)) {
        let (received, sent) = self.bytes.get();
        self.bytes.set((received + from_client, sent + to_client));
        self.requests.set(self.requests.get() + 1);
    }

    /// Returns the bytes from the client and to it, of sessions and exchanges that have ended.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        self.bytes.get()
    }

    /// Sets the state and the moment at which it began.
    pub(crate) fn does(&self, doing: Doing, since: Instant) {
        self.doing.set((doing, since));
    }

    /// Returns the state and the moment at which it began.
    pub(crate) fn doing(&self) -> (Doing, Instant) {
        self.doing.get()
    }
}
