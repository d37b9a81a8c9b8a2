//! The objects that statistics are about, as fields see them.

use proxy_config::Mode;
use proxy_engine::{Backend, Frontend, Listener, Server};

use crate::value::Value;

/// A kind of object. The numbers are those of the field `type`, and the bits of a [`Selection`](crate::Selection).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A frontend.
    Frontend = 0,
    /// A backend.
    Backend = 1,
    /// A server of a backend.
    Server = 2,
    /// A listener of a frontend.
    Listener = 3,
}

/// What a request for statistics has in common for all objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Whether addresses, cookies and algorithms are shown.
    pub legends: bool,
    /// Whether some servers are left out, so that a backend tells how many there are.
    pub is_reduced: bool,
}

/// A frontend, and the view of it.
#[derive(Clone, Copy, Debug)]
pub struct OfFrontend<'e> {
    /// The frontend.
    pub frontend: &'e Frontend,
    /// The view.
    pub view: View,
}

/// A listener, its frontend, and the view of it.
#[derive(Clone, Copy, Debug)]
pub struct OfListener<'e> {
    /// The frontend.
    pub frontend: &'e Frontend,
    /// The listener.
    pub listener: &'e Listener,
    /// The view.
    pub view: View,
}

/// A server, its backend, and the view of it.
#[derive(Clone, Copy, Debug)]
pub struct OfServer<'e> {
    /// The backend.
    pub backend: &'e Backend,
    /// The server.
    pub server: &'e Server,
    /// The view.
    pub view: View,
}

/// A backend, and the view of it.
#[derive(Clone, Copy, Debug)]
pub struct OfBackend<'e> {
    /// The backend.
    pub backend: &'e Backend,
    /// The view.
    pub view: View,
}

/// An object of the engine with its view: what one line of statistics is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'e> {
    /// A frontend.
    Frontend(OfFrontend<'e>),
    /// A listener.
    Listener(OfListener<'e>),
    /// A server.
    Server(OfServer<'e>),
    /// A backend.
    Backend(OfBackend<'e>),
}

impl Subject<'_> {
    /// Returns its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Subject::Frontend(_) => Kind::Frontend,
            Subject::Listener(_) => Kind::Listener,
            Subject::Server(_) => Kind::Server,
            Subject::Backend(_) => Kind::Backend,
        }
    }

    /// Returns the number of its section.
    pub fn proxy_id(&self) -> u32 {
        match self {
            Subject::Frontend(of) => of.frontend.id(),
            Subject::Listener(of) => of.frontend.id(),
            Subject::Server(of) => of.backend.id(),
            Subject::Backend(of) => of.backend.id(),
        }
    }

    /// Returns its number in its section; 0 of a frontend and a backend.
    pub fn id(&self) -> u32 {
        match self {
            Subject::Frontend(_) | Subject::Backend(_) => 0,
            Subject::Listener(of) => of.listener.observed().id(),
            Subject::Server(of) => of.server.id(),
        }
    }
}

impl OfFrontend<'_> {
    /// Returns a value that only frontends in mode http have.
    pub fn http(&self, value: Value) -> Option<Value> {
        (self.frontend.observed().mode() == Mode::Http).then_some(value)
    }
}

impl OfListener<'_> {
    /// Returns its name, or one that is made of its number.
    pub fn name(&self) -> String {
        let observed = self.listener.observed();
        observed.name().map_or_else(|| format!("sock-{}", observed.id()), str::to_owned)
    }

    /// Returns whether it accepts nothing because of its limit.
    pub fn is_full(&self) -> bool {
        let current = self.listener.observed().counters().current();
        self.listener.maxconn().is_some_and(|limit| current >= limit)
    }
}

impl OfServer<'_> {
    /// Returns a value that only servers in mode http have.
    pub fn http(&self, value: Value) -> Option<Value> {
        self.backend.http().map(|_| value)
    }
}

impl<'e> OfBackend<'e> {
    /// Returns its servers.
    pub fn servers(&self) -> impl Iterator<Item = OfServer<'e>> + use<'e> {
        let (backend, view) = (self.backend, self.view);
        backend.servers().iter().map(move |server| OfServer { backend, server, view })
    }
}

impl OfBackend<'_> {
    /// Returns a value that only backends in mode http have.
    pub fn http(&self, value: Value) -> Option<Value> {
        self.backend.http().map(|_| value)
    }
}
