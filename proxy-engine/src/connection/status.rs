//! A client's connection as it is listed and killed: who it is, what it does, and how much it has carried.

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
    /// How its layers were passed, if it has some. Boxed: most have none.
    setup: OnceCell<Box<Setup>>,
    /// What rules about the connection have changed of its addresses, and then those about the session. Boxed likewise.
    by_connection_rules: OnceCell<Box<Changes>>,
    by_session_rules: OnceCell<Box<Changes>>,
    pub(crate) ingress: Arc<Ingress>,
    /// What carries it, if there is more to tell than the protocol of its listener. Boxed: of most there is not.
    carriers: RefCell<Option<Box<Carriers>>>,
    accepted_at: SystemTime,
    /// On the clock that is never set back.
    pub(crate) accepted: Instant,
    pub(crate) kill: KillSwitch,
    doing: Cell<(Doing, Instant)>,
    requests: Cell<u64>,
    /// From the client and to it.
    bytes: Cell<(u64, u64)>,
}

/// How the layers of a connection were passed.
#[derive(Debug)]
struct Setup {
    /// What their handshakes have found out.
    findings: Findings,
    /// How long they took.
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

    /// The client: who connected, or who that said it speaks for, or whom rules about the session take it for.
    pub(crate) fn source(&self) -> &Address {
        let changed = self.by_session_rules.get().and_then(|changes| changes.source.as_ref());
        let told = || self.setup.get().and_then(|setup| setup.findings.source.as_ref());
        changed.or_else(told).unwrap_or_else(|| self.connection_source())
    }

    /// Who connected, or whom rules about the connection take it for. What its layers tell is about the client that
    /// it speaks for.
    pub(crate) fn connection_source(&self) -> &Address {
        let changed = self.by_connection_rules.get().and_then(|changes| changes.source.as_ref());
        changed.unwrap_or(&self.accepted_from)
    }

    /// Where rules about the session say that the client connected to.
    pub(super) fn session_destination(&self) -> Option<&Address> {
        self.by_session_rules.get().and_then(|changes| changes.destination.as_ref())
    }

    /// Where rules about the connection say that.
    pub(super) fn connection_destination(&self) -> Option<&Address> {
        self.by_connection_rules.get().and_then(|changes| changes.destination.as_ref())
    }

    /// Rules about the connection have changed something. They run once.
    pub(super) fn changed_by_connection_rules(&self, changes: Option<Box<Changes>>) {
        if let Some(changes) = changes {
            let _ = self.by_connection_rules.set(changes);
        }
    }

    /// Rules about the session have. They run once, too.
    pub(super) fn changed_by_session_rules(&self, changes: Option<Box<Changes>>) {
        if let Some(changes) = changes {
            let _ = self.by_session_rules.set(changes);
        }
    }

    /// What the handshakes of its layers have found out.
    pub(crate) fn findings(&self) -> &Findings {
        match self.setup.get() {
            Some(setup) => &setup.findings,
            None => Findings::none(),
        }
    }

    /// Its layers are passed, or one of them is not.
    pub(super) fn set_up(&self, findings: Findings, has_waited: bool) {
        if !has_waited && findings.is_empty() {
            return;
        }
        let lasted = if has_waited { self.accepted.elapsed() } else { Duration::ZERO };
        let setup = Setup { findings, lasted };
        // It is set up once.
        let _ = self.setup.set(Box::new(setup));
    }

    /// It is carried by this from now on.
    pub(super) fn carried_by(&self, carriers: Carriers) {
        let is_told = carriers.is_plain() && carriers.transport == self.ingress.listener.protocol();
        self.carriers.replace((!is_told).then(|| Box::new(carriers)));
    }

    /// What carries it, in one word, as it was when its layers were passed.
    pub(crate) fn carriers(&self) -> Cow<'static, str> {
        match &*self.carriers.borrow() {
            Some(carriers) => carriers.to_string().into(),
            None => self.ingress.listener.protocol().into(),
        }
    }

    /// When it was accepted, as the beginning of a session that its layers are all of.
    pub(super) fn accepted(&self) -> Began {
        self.began_after(Duration::ZERO)
    }

    /// When its layers were passed, as the beginning of a session.
    pub(crate) fn established(&self) -> Began {
        self.began_after(self.setup.get().map_or(Duration::ZERO, |setup| setup.lasted))
    }

    fn began_after(&self, handshake: Duration) -> Began {
        let (at, since) = (self.accepted_at + handshake, self.accepted + handshake);
        Began { at, since, idle: Duration::ZERO, handshake }
    }

    /// Requests that it has made and that have ended.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// A session or exchange of it has ended that moved so many bytes.
    pub(crate) fn has_carried(&self, (from_client, to_client): (u64, u64)) {
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
