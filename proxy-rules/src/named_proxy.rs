//! Frontends, backends and servers that samples name, such as `fe_conn(fe)`, `nbsrv(be)` or `srv_conn(be/s)`. Their sections may come later, so
//! they are found when the whole configuration is known, by the engine, which has the facts.

use std::fmt;
use std::sync::{Arc, OnceLock};

use proxy_config::{Diagnostic, Mistake, Parsed, Span};

use crate::inputs::Inputs;

/// What samples tell about a frontend.
pub trait FrontendFacts: fmt::Debug + Send + Sync {
    /// Returns the number of its connections.
    fn connections(&self) -> usize;

    /// Returns the number of connections in the last second.
    fn session_rate(&self) -> u64;

    /// Returns the number of requests of HTTP in the last second.
    fn request_rate(&self) -> u64;
}

/// What samples tell about a backend.
pub trait BackendFacts: fmt::Debug + Send + Sync {
    /// Returns the number of servers that sessions may be led to now.
    fn usable_servers(&self) -> usize;

    /// Returns the number of sessions, including those that wait.
    fn sessions(&self) -> usize;

    /// Returns the number of sessions that wait, for any server or for a certain one.
    fn queued(&self) -> usize;

    /// Returns the number of sessions that would find a free slot; `None` if a server has no limit.
    fn free_slots(&self) -> Option<usize>;

    /// Returns the number of free slots and of free places in the queues of servers; `None` if a server has no limit
    /// of either.
    fn free_places(&self) -> Option<i64>;

    /// Returns the number of sessions and exchanges in the last second.
    fn session_rate(&self) -> u64;

    /// Returns the server with this name.
    fn server(&self, name: &str) -> Option<Arc<dyn ServerFacts>>;
}

/// What samples tell about a server.
pub trait ServerFacts: fmt::Debug + Send + Sync {
    /// Returns whether it is neither in maintenance nor found to be down.
    fn is_up(&self) -> bool;

    /// Returns the number of its sessions.
    fn sessions(&self) -> usize;

    /// Returns the number of its sessions and exchanges in the last second.
    fn session_rate(&self) -> u64;

    /// Returns the number of sessions that wait for it.
    fn queued(&self) -> usize;

    /// Returns the number of its free slots; `None` if it has no limit.
    fn free_slots(&self) -> Option<usize>;

    /// Returns the weight that balancing uses now.
    fn effective_weight(&self) -> u32;

    /// Returns the weight that was set last.
    fn user_weight(&self) -> u32;

    /// Returns the weight of its line.
    fn initial_weight(&self) -> u32;
}

/// A frontend that a sample names.
#[derive(Debug)]
pub struct NamedFrontend {
    /// Its name.
    pub name: String,
    /// The place of the name.
    pub span: Span,
    facts: OnceLock<Arc<dyn FrontendFacts>>,
}

/// All frontends that samples of a configuration name.
#[derive(Clone, Debug, Default)]
pub struct NamedFrontends(pub Vec<Arc<NamedFrontend>>);

impl NamedFrontend {
    /// Finds what the name means. Without `facts` there is no frontend with this name.
    ///
    /// # Errors
    /// There is no such frontend.
    pub fn find(&self, facts: Option<Arc<dyn FrontendFacts>>) -> Parsed {
        let Some(facts) = facts else {
            let message = format!("there is no frontend '{}'", self.name);
            return Err(Box::new(Diagnostic::alert(self.span, message)));
        };
        let _ = self.facts.set(facts);
        Ok(())
    }

    /// Returns the facts, once the frontend was found.
    pub(crate) fn facts(&self) -> Option<&dyn FrontendFacts> {
        self.facts.get().map(|facts| &**facts)
    }
}

/// A backend, or a server of one, that a sample names.
#[derive(Debug)]
pub struct NamedProxy {
    /// The name of the backend.
    pub backend: String,
    /// The name of the server, if it is one.
    pub server: Option<String>,
    /// The place of the name.
    pub span: Span,
    backend_facts: OnceLock<Arc<dyn BackendFacts>>,
    server_facts: OnceLock<Arc<dyn ServerFacts>>,
}

/// All backends and servers that samples of a configuration name.
#[derive(Clone, Debug, Default)]
pub struct NamedProxies(pub Vec<Arc<NamedProxy>>);

impl NamedProxy {
    /// Finds what the name means. Without a `backend` there is none with this name.
    ///
    /// # Errors
    /// There is no such backend, or it has no such server.
    pub fn find(&self, backend: Option<&Arc<dyn BackendFacts>>) -> Parsed {
        let Some(backend) = backend else {
            return Err(self.missing(format!("there is no backend '{}'", self.backend)));
        };
        if let Some(name) = &self.server {
            let Some(server) = backend.server(name) else {
                return Err(self.missing(format!("backend '{}' has no server '{name}'", self.backend)));
            };
            let _ = self.server_facts.set(server);
        }
        let _ = self.backend_facts.set(Arc::clone(backend));
        Ok(())
    }

    /// Returns the facts of the backend, once it was found.
    pub(crate) fn backend(&self) -> Option<&dyn BackendFacts> {
        self.backend_facts.get().map(|facts| &**facts)
    }

    /// Returns the facts of the server, once it was found.
    pub(crate) fn server(&self) -> Option<&dyn ServerFacts> {
        self.server_facts.get().map(|facts| &**facts)
    }

    fn missing(&self, message: String) -> Mistake {
        Box::new(Diagnostic::alert(self.span, message))
    }
}

impl Inputs<'_> {
    /// Consumes the name of a frontend; without one it is that of the section.
    ///
    /// # Errors
    /// There is no name, and the section has none.
    pub(crate) fn frontend(&mut self) -> Parsed<Arc<NamedFrontend>> {
        let place = self.place();
        let (name, span) = match self.take() {
            Some(input) => (input.text.to_string(), input.span),
            None => (self.own_section(place)?, place),
        };
        let named = Arc::new(NamedFrontend { name, span, facts: OnceLock::new() });
        if let Some(surroundings) = self.surroundings {
            let mut references = surroundings.references.borrow_mut();
            references.get_mut::<NamedFrontends>().0.push(Arc::clone(&named));
        }
        Ok(named)
    }

    /// Consumes the name of a backend; without one it is that of the section.
    ///
    /// # Errors
    /// There is no name, and the section has none.
    pub(crate) fn backend(&mut self) -> Parsed<Arc<NamedProxy>> {
        let place = self.place();
        let name = self.take().map(|input| (input.text.to_string(), input.span));
        let (name, span) = match name {
            Some(named) => named,
            None => (self.own_section(place)?, place),
        };
        Ok(self.named(name, None, span))
    }

    /// Consumes the name of a server: `backend/server`, or that of one of the section.
    ///
    /// # Errors
    /// There is no name, or only that of a server in a section without a name.
    pub(crate) fn server(&mut self) -> Parsed<Arc<NamedProxy>> {
        let input = self.input("a server: backend/server")?;
        let (text, span) = (input.text.to_string(), input.span);
        let (backend, server) = match text.split_once('/') {
            Some((backend, server)) => (backend.to_owned(), server.to_owned()),
            None => (self.own_section(span)?, text),
        };
        Ok(self.named(backend, Some(server), span))
    }

    /// Returns the name of the section.
    fn own_section(&self, place: Span) -> Parsed<String> {
        let name = self.surroundings.map_or("", |surroundings| surroundings.section);
        match name {
            "" => Err(Box::new(Diagnostic::alert(place, "the name of a section is needed here"))),
            name => Ok(name.to_owned()),
        }
    }

    fn named(&self, backend: String, server: Option<String>, span: Span) -> Arc<NamedProxy> {
        let (backend_facts, server_facts) = Default::default();
        let named = Arc::new(NamedProxy { backend, server, span, backend_facts, server_facts });
        if let Some(surroundings) = self.surroundings {
            let mut references = surroundings.references.borrow_mut();
            references.get_mut::<NamedProxies>().0.push(Arc::clone(&named));
        }
        named
    }
}
