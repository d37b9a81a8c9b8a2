//! A client's connection, whatever it carries: a session of mode tcp, or exchanges of HTTP, one after the other or
//! many at once. It has what they share; what belongs to one of them is in its [`Activity`](super::activity).

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::info::ConnectionInfo;
use proto_core::stream::Stream;
use proxy_rules::SessionVariables;
use proxy_rules::regex::Failed;

use super::frontend::Frontend;
use super::listed::Listed;
use super::status::ConnectionStatus;
use super::worker::WorkerContext;
use crate::listener::Permit;
use crate::observe::{Arrived, Began, Load};
use crate::upstream::behalf::{Behalf, Told};
use crate::upstream::pool::{Idle, Shared};
use crate::upstream::{Backend, ServerKey};

/// A connection to a server that one client has for itself.
#[derive(Debug)]
pub(crate) enum Owned {
    Idle(Idle),
    Shared(Shared),
}

impl Owned {
    /// Closes the connection. Open exchanges on it continue to their end.
    pub(crate) fn close(self) {
        match self {
            // This was the only reference.
            Owned::Idle(idle) => drop(idle),
            Owned::Shared(shared) => shared.connection.stop(),
        }
    }
}

/// A client's connection. Its exchanges share it, and it never leaves its thread.
pub(crate) struct ClientConnection {
    pub(crate) status: Rc<ConnectionStatus>,
    pub(crate) worker: Rc<WorkerContext>,
    pub(crate) frontend: Arc<Frontend>,
    /// The destination of the connection. The system is asked at most once, when it is needed.
    destination: OnceCell<Box<Address>>,
    /// The session variables (`sess.*`).
    pub(crate) variables: RefCell<SessionVariables>,
    /// The connections to servers that no other client may use, because of `http-reuse never` or because a server has
    /// authenticated the client.
    pub(crate) owned: RefCell<Vec<(ServerKey, Owned)>>,
    /// The backend of the last request, and the index of its server there.
    pub(crate) last_server: Cell<Option<(u32, usize)>>,
    /// Whether a server has authenticated the client on a connection, which no other client may use then.
    pub(crate) is_exclusive: Cell<bool>,
    /// Whether this is a plain connection of a single path, once that is known.
    is_plain: Cell<Option<bool>>,
    /// The entry in the registry, of a connection of HTTP.
    listed: OnceCell<Listed>,
    _arrived: Arrived,
    _load: Load,
    /// The permit of `maxconn`, held until both sides are closed.
    pub(crate) permit: Permit,
}

impl ClientConnection {
    /// Creates a connection that has arrived on its worker.
    pub(crate) fn new(
        worker: &Rc<WorkerContext>,
        frontend: Arc<Frontend>,
        arrived: Arrived,
        source: Address,
        began: Began,
        (load, permit): (Load, Permit),
    ) -> Rc<ClientConnection> {
        let status = Rc::new(ConnectionStatus::new(
            worker.registry.next_id(),
            source,
            Arc::clone(arrived.ingress()),
            began,
        ));
        let is_http = frontend.policy.http.is_some();
        let connection = Rc::new(ClientConnection {
            status,
            worker: Rc::clone(worker),
            frontend,
            destination: OnceCell::new(),
            variables: RefCell::default(),
            owned: RefCell::default(),
            last_server: Cell::new(None),
            is_exclusive: Cell::new(false),
            is_plain: Cell::new(None),
            listed: OnceCell::new(),
            _arrived: arrived,
            _load: load,
            permit,
        });
        if is_http {
            connection.list();
        }
        connection
    }

    /// Lists this as a connection of HTTP.
    pub(crate) fn list(&self) {
        self.listed.get_or_init(|| Listed::new(&self.worker, &self.status));
    }

    /// Returns the address that the client connected to, by session rules, else by layers, else by the connection.
    pub(crate) fn destination(&self, stream: &dyn Stream) -> &Address {
        let told = || self.status.findings().destination.as_ref();
        let changed = self.status.session_destination().or_else(told);
        changed.unwrap_or_else(|| self.connection_destination(stream))
    }

    /// Returns the address of this end of the connection, or the one that connection rules have set.
    pub(crate) fn connection_destination(&self, stream: &dyn Stream) -> &Address {
        let known = || self.status.connection_destination().cloned().or_else(|| stream.original_dst());
        let ask = || Box::new(known().unwrap_or_else(|| stream.local_addr()));
        self.destination.get_or_init(ask)
    }

    /// Returns what servers may be told about the client, or `None` if no server of the backend needs it.
    ///
    /// # Errors
    /// A value could not be determined in time.
    pub(crate) fn behalf(
        &self,
        backend: &Backend,
        stream: &dyn Stream,
        told: impl FnOnce() -> Result<Told, Failed>,
    ) -> Result<Option<Box<Behalf>>, Failed> {
        if !backend.is_on_behalf() {
            return Ok(None);
        }
        Ok(Some(Box::new(Behalf {
            source: self.status.source().clone(),
            destination: self.destination(stream).clone(),
            findings: self.status.findings().clone(),
            told: if backend.tells_by_rules() { told()? } else { Told::default() },
        })))
    }

    /// Returns the longest silence of a client that is waited for.
    pub(crate) fn inactivity(&self) -> Option<Duration> {
        self.frontend.policy.client.inactivity
    }

    /// Returns whether the client has completed a request on this connection.
    pub(crate) fn is_known(&self) -> bool {
        self.status.requests() > 0
    }

    /// Returns what is known of the connection and its paths, if logs need it and it is more than a plain connection.
    /// A plain one is asked only once.
    pub(crate) fn info(&self, stream: &dyn Stream) -> Option<ConnectionInfo> {
        if !self.status.ingress.frontend.log.connections || self.is_plain.get() == Some(true) {
            return None;
        }
        let info = stream.info();
        self.is_plain.set(Some(info.is_plain()));
        Some(info)
    }

    /// Takes the connection to a server that this client has for itself, if there is one.
    pub(crate) fn take_owned(&self, server: ServerKey) -> Option<Owned> {
        let mut owned = self.owned.borrow_mut();
        let at = owned.iter().position(|(key, _)| *key == server)?;
        Some(owned.swap_remove(at).1)
    }

    /// Returns whether this client has a connection to a server for itself.
    pub(crate) fn owns(&self, server: ServerKey) -> bool {
        self.owned.borrow().iter().any(|(key, _)| *key == server)
    }

    /// Drops connections of this client alone that their servers have closed or sent unrequested data on.
    pub(crate) fn drop_closed(&self, cx: &mut Context<'_>) {
        let mut owned = self.owned.borrow_mut();
        if !owned.is_empty() {
            owned.retain_mut(|(_, connection)| match connection {
                Owned::Idle(idle) => idle.back.is_quiet(cx),
                Owned::Shared(shared) => shared.connection.poll_closed(cx).is_pending(),
            });
        }
    }

    /// Keeps a connection to a server for this client alone. The one that it had before is closed.
    pub(crate) fn own(&self, server: ServerKey, connection: Owned) {
        let mut owned = self.owned.borrow_mut();
        owned.drain(..).for_each(|(_, replaced)| replaced.close());
        owned.push((server, connection));
    }
}

impl fmt::Debug for ClientConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConnection").field("status", &self.status).finish_non_exhaustive()
    }
}
