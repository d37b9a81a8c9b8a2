//! The commands of the runtime socket that show and change the engine, one file for each group. Each file submits its
//! entries; [`Handle`] is the value that they work on.
//!
//! * `show_sess`, `show_conn`: show sessions, exchanges and connections. `shutdown`: ends them. `set_server`,
//!   `weight`, `maxconn_server`, `enable`: change a server.
//!   `dynamic_cookie`: changes the cookies of a backend. `frontend`: changes a frontend.
//!   `show_servers`, `show_backend`: show states and names. `show_resolvers`: shows name servers.
//! * `process_limits`: changes the limits of the process.
//! * `getsocks`: passes the listening sockets to a successor.
//! * `inquirer`: asks the workers what lives on them. `text`: how numbers, ages and addresses are written.

mod dynamic_cookie;
mod enable;
mod frontend;
mod getsocks;
mod inquirer;
mod maxconn_server;
mod process_limits;
mod set_server;
mod show_backend;
mod show_conn;
mod show_resolvers;
mod show_servers;
mod show_sess;
mod shutdown;
mod text;
mod weight;

use std::sync::Arc;

use proxy_admin::Refusal;
use tokio::sync::mpsc;

use self::inquirer::Inquirer;
use crate::listener::{ListeningSockets, ProcessLimits};
use crate::runtime::gauges::{Gauges, Load};
use crate::runtime::inquiry::Inquiry;
use crate::{Backend, Engine, Frontend, ResolverSection, Server};

/// The running engine, as its commands see it. The program passes one to the runtime socket.
#[derive(Clone, Debug)]
pub struct Handle {
    /// The frontends, in the order of the configuration.
    pub frontends: Vec<Arc<Frontend>>,
    /// All backends of the configuration, also those that no frontend leads to.
    pub backends: Vec<Arc<Backend>>,
    /// The `resolvers` sections.
    pub resolvers: Vec<Arc<ResolverSection>>,
    sockets: Arc<ListeningSockets>,
    limits: Option<Arc<ProcessLimits>>,
    inquirer: Inquirer,
    gauges: Arc<Gauges>,
}

impl Handle {
    /// Makes the handle of an engine, with all backends of its configuration.
    pub fn new(engine: &Engine, backends: Vec<Arc<Backend>>) -> Handle {
        Handle {
            sockets: Arc::clone(engine.sockets()),
            gauges: Arc::clone(engine.gauges()),
            resolvers: engine.resolvers().to_vec(),
            limits: Some(Arc::clone(engine.limits())),
            ..Handle::of(engine.frontends().to_vec(), backends, Arc::clone(engine.inquiries()))
        }
    }

    /// Makes a handle of frontends, backends and the channels of the workers.
    pub(crate) fn of(
        frontends: Vec<Arc<Frontend>>,
        backends: Vec<Arc<Backend>>,
        workers: Arc<[mpsc::Sender<Inquiry>]>,
    ) -> Handle {
        let gauges = Arc::new(Gauges::new(workers.len()));
        Handle {
            frontends,
            backends,
            resolvers: Vec::new(),
            sockets: Arc::default(),
            limits: None,
            inquirer: Inquirer::new(workers),
            gauges,
        }
    }

    /// Returns what the workers have to do.
    pub fn load(&self) -> Load {
        self.gauges.load()
    }

    /// Returns the limits of the process.
    pub fn limits(&self) -> Option<&ProcessLimits> {
        self.limits.as_deref()
    }

    /// Returns the frontend with this name.
    pub fn frontend(&self, name: &str) -> Option<&Arc<Frontend>> {
        self.frontends.iter().find(|frontend| frontend.name() == name)
    }

    /// Returns the backend with this name.
    pub fn backend(&self, name: &str) -> Option<&Arc<Backend>> {
        self.backends.iter().find(|backend| backend.name() == name)
    }

    /// Returns a server by the name of its backend and its own, `b/s`, or by its number there, `b/#1`.
    ///
    /// # Errors
    /// Returns what is wrong, in HAProxy's words.
    pub fn server(&self, path: &str) -> Result<(&Arc<Backend>, &Arc<Server>), Refusal> {
        let (backend, server) = path.split_once('/').unwrap_or((path, ""));
        if server.is_empty() {
            return Err(Refusal::new("Require 'backend/server'."));
        }
        let backend = self.backend(backend).ok_or_else(|| Refusal::new("No such backend."))?;
        let by_number = |server: &str| {
            let number: u32 = server.strip_prefix('#')?.parse().ok()?;
            backend.servers().iter().find(|server| server.id() == number)
        };
        let found = backend.server(server).or_else(|| by_number(server));
        found.map(|server| (backend, server)).ok_or_else(|| Refusal::new("No such server."))
    }
}
