//! Which objects are shown, and their order: section by section, each with its frontend, listeners, servers and backend.

use proxy_engine::commands::Handle;
use proxy_engine::{Backend, Frontend, Operational, Server};

use crate::subject::{Kind, OfBackend, OfFrontend, OfListener, OfServer, Subject, View};

/// A choice of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The names of the only sections to show; `None` for all.
    pub sections: Option<Vec<String>>,
    /// A part of the names of sections to show, in any case; empty for all.
    pub part: String,
    /// The only objects to show.
    pub bounds: Option<Bounds>,
    /// Whether servers in maintenance are left out.
    pub without_maintenance: bool,
    /// Whether servers that are not up are left out.
    pub only_up: bool,
    /// Whether addresses, cookies and algorithms are shown.
    pub legends: bool,
}

/// The only objects to show: by the number of their section, their kind, and their number in the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The number of the section; `None` for all.
    pub proxy: Option<u32>,
    /// The kinds, a bit for each.
    pub kinds: i32,
    /// The number of the listener or server; `None` for all.
    pub id: Option<u32>,
}

/// A section: a frontend, a backend, or both.
#[derive(Clone, Copy, Debug)]
pub struct Proxy<'e> {
    /// The frontend.
    pub frontend: Option<&'e Frontend>,
    /// The backend.
    pub backend: Option<&'e Backend>,
}

/// Returns the sections of the engine, in the order of the configuration.
pub fn proxies(engine: &Handle) -> Vec<Proxy<'_>> {
    let fronts = engine.frontends.iter().map(|frontend| (frontend.place(), Some(&**frontend), None));
    let backs = engine.backends.iter().map(|backend| (backend.place(), None, Some(&**backend)));
    let mut parts: Vec<_> = fronts.chain(backs).collect();
    parts.sort_by_key(|(place, ..)| *place);
    let both = |parts: &[(usize, Option<_>, Option<_>)]| Proxy {
        frontend: parts.iter().find_map(|part| part.1),
        backend: parts.iter().find_map(|part| part.2),
    };
    parts.chunk_by(|one, next| one.0 == next.0).map(both).collect()
}

impl<'e> Proxy<'e> {
    /// Returns the name of the section.
    pub fn name(&self) -> &'e str {
        match (self.frontend, self.backend) {
            (Some(frontend), _) => frontend.name(),
            (None, Some(backend)) => backend.name(),
            (None, None) => "",
        }
    }

    /// Returns the number of the section.
    pub fn id(&self) -> u32 {
        let of_backend = || self.backend.map_or(0, Backend::id);
        self.frontend.map_or_else(of_backend, Frontend::id)
    }
}

impl Selection {
    /// Returns whether a section is shown.
    pub fn has(&self, proxy: &Proxy<'_>) -> bool {
        let name = proxy.name();
        self.sections.as_ref().is_none_or(|sections| sections.iter().any(|section| section == name))
            && contains(name, &self.part)
            && self.bounds.is_none_or(|bounds| bounds.proxy.is_none_or(|id| id == proxy.id()))
    }

    /// Returns the objects of a section that are shown.
    pub fn subjects<'e>(&self, proxy: &Proxy<'e>) -> Vec<Subject<'e>> {
        let is_reduced = self.without_maintenance || self.only_up;
        let view = View { legends: self.legends, is_reduced };
        let mut subjects = Vec::new();
        if let Some(frontend) = proxy.frontend {
            subjects.push(Subject::Frontend(OfFrontend { frontend, view }));
            let listeners = frontend.listeners().iter().filter(|_| frontend.shows_listeners());
            subjects
                .extend(listeners.map(|listener| Subject::Listener(OfListener { frontend, listener, view })));
        }
        if let Some(backend) = proxy.backend {
            let servers = backend.servers().iter().filter(|server| !self.hides(server));
            subjects.extend(servers.map(|server| Subject::Server(OfServer { backend, server, view })));
            subjects.push(Subject::Backend(OfBackend { backend, view }));
        }
        subjects.retain(|subject| self.bounds.is_none_or(|bounds| bounds.has(subject)));
        subjects
    }

    fn hides(&self, server: &Server) -> bool {
        let view = server.view();
        let is_down = view.operational == Operational::Stopped;
        view.admin.is_in_maintenance() && (self.without_maintenance || self.only_up)
            || self.only_up && is_down
    }
}

impl Bounds {
    fn has(self, subject: &Subject<'_>) -> bool {
        let kind = subject.kind();
        let has_number = matches!(kind, Kind::Listener | Kind::Server);
        self.kinds & (1 << kind as i32) != 0 && (!has_number || self.id.is_none_or(|id| id == subject.id()))
    }
}

/// Returns whether a name contains a text, in any case.
fn contains(name: &str, part: &str) -> bool {
    part.is_empty() || name.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}
