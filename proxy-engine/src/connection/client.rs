//! A client's connection, whatever it carries: a session of mode tcp, or exchanges of HTTP, one after the other or many
//! at once. What all of these share is here; what belongs to one of them is in its [`Activity`](super::activity).

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
    /// Closes it. Exchanges that are open on it go on to their end.
    pub(crate) fn close(self) {
        match self {
            // Nothing else holds it.
            Owned::Idle(idle) => drop(idle),
            Owned::Shared(shared) => shared.connection.stop(),
        }
    }
}

/// A client's connection. Shared by its exchanges; never leaves the thread.
pub(crate) struct ClientConnection {
    pub(crate) status: Rc<ConnectionStatus>,
    pub(crate) worker: Rc<WorkerContext>,
    pub(crate) frontend: Arc<Frontend>,
    /// The system is asked once, and only if it is needed.
    destination: OnceCell<Box<Address>>,
    /// `sess.*`
    pub(crate) variables: RefCell<SessionVariables>,
    /// Connections to servers that no other client may use: `http-reuse never`, or a server has authenticated it.
    pub(crate) owned: RefCell<Vec<(ServerKey, Owned)>>,
    /// The backend that its last request went to, and the index of the server there.
    pub(crate) last_server: Cell<Option<(u32, usize)>>,
    /// A server has authenticated the client on a connection, which no other client may use then.
    pub(crate) is_exclusive: Cell<bool>,
    /// Whether it can be nothing but a plain connection of one path, once that is known.
    is_plain: Cell<Option<bool>>,
    /// Of HTTP.
    listed: OnceCell<Listed>,
    _arrived: Arrived,
    _load: Load,
    /// Held until both sides are closed.
    _permit: Permit,
}

impl ClientConnection {
    /// A connection that arrived on its worker.
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
        let is_http = frontend.http.is_some();
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
            _permit: permit,
        });
        if is_http {
            connection.list();
        }
        connection
    }

    /// Lists it as a connection of HTTP.
    pub(crate) fn list(&self) {
        self.listed.get_or_init(|| Listed::new(&self.worker, &self.status));
    }

    /// The address that the client connected to, as far as rules about the session and its layers say.
    pub(crate) fn destination(&self, stream: &dyn Stream) -> &Address {
        let told = || self.status.findings().destination.as_ref();
        let changed = self.status.session_destination().or_else(told);
        changed.unwrap_or_else(|| self.connection_destination(stream))
    }

    /// This end of the connection, or what rules about it say that it is.
    pub(crate) fn connection_destination(&self, stream: &dyn Stream) -> &Address {
        let known = || self.status.connection_destination().cloned().or_else(|| stream.original_dst());
        let ask = || Box::new(known().unwrap_or_else(|| stream.local_addr()));
        self.destination.get_or_init(ask)
    }

    /// What the layers of a server may tell it of the client, if any server of the backend has some.
    pub(crate) fn behalf(
        &self,
        backend: &Backend,
        stream: &dyn Stream,
        told: impl FnOnce() -> Told,
    ) -> Option<Box<Behalf>> {
        backend.is_on_behalf().then(|| {
            Box::new(Behalf {
                source: self.status.source().clone(),
                destination: self.destination(stream).clone(),
                findings: self.status.findings().clone(),
                told: if backend.tells_by_rules() { told() } else { Told::default() },
            })
        })
    }

    /// Longest silence of the client while it is waited for.
    pub(crate) fn inactivity(&self) -> Option<Duration> {
        self.frontend.client.inactivity
    }

    /// Whether it has made a request before.
    pub(crate) fn is_known(&self) -> bool {
        self.status.requests() > 0
    }

    /// What the connection really is, if logs want it and there is more to tell than that it is one. Plain ones are
    /// asked once.
    pub(crate) fn info(&self, stream: &dyn Stream) -> Option<ConnectionInfo> {
        if !self.status.ingress.frontend.log.connections || self.is_plain.get() == Some(true) {
            return None;
        }
        let info = stream.info();
        self.is_plain.set(Some(info.is_plain()));
        Some(info)
    }

    /// Takes the connection to a server that this client has for itself.
    pub(crate) fn take_owned(&self, server: ServerKey) -> Option<Owned> {
        let mut owned = self.owned.borrow_mut();
        let at = owned.iter().position(|(key, _)| *key == server)?;
        Some(owned.swap_remove(at).1)
    }

    /// Whether this client has a connection to a server for itself.
    pub(crate) fn owns(&self, server: ServerKey) -> bool {
        self.owned.borrow().iter().any(|(key, _)| *key == server)
    }

    /// Closes the connections of this client's own that their servers have closed, or on which they speak unasked.
    pub(crate) fn drop_closed(&self, cx: &mut Context<'_>) {
        let mut owned = self.owned.borrow_mut();
        if !owned.is_empty() {
            owned.retain_mut(|(_, connection)| match connection {
                Owned::Idle(idle) => idle.back.is_quiet(cx),
                Owned::Shared(shared) => shared.connection.poll_closed(cx).is_pending(),
            });
        }
    }

    /// Keeps a connection to a server for this client alone, in place of the one it had, which is closed.
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
