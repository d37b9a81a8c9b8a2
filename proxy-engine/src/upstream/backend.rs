//! A backend: servers, the algorithm that chooses between them, and the rules of trying again.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use proto_core::options::SourceField;
use proxy_rules::Format;
use proxy_rules::format::LayerFormat;

use super::queue_lines::Waiters;
use super::server::Server;
use crate::balance::{Balance, Group, Member, Members};
use crate::observe::{BackCounters, ObservedBackend, Traffic};
use crate::policy::{BackendTimeouts, HttpPolicy, Inspection, Redispatch, RetryCause};

/// What a backend is made of.
#[derive(Debug)]
pub struct BackendConfig {
    /// For logs and commands.
    pub name: String,
    /// The number it is known by.
    pub id: u32,
    /// In the order of the configuration.
    pub servers: Vec<Server>,
    /// The algorithm that chooses between them.
    pub balance: Box<dyn Balance>,
    /// How long things may take.
    pub timeouts: BackendTimeouts,
    /// Attempts to connect after the first.
    pub retries: u32,
    /// Whether those may go elsewhere.
    pub redispatch: Redispatch,
    /// Without a usable server all backup servers are used, not only the first.
    pub allbackups: bool,
    /// What it says about HTTP, in that mode.
    pub http: Option<Arc<HttpPolicy>>,
    /// Its content rules, in mode tcp.
    pub inspection: Option<Arc<Inspection>>,
}

impl BackendConfig {
    /// A plain one: three retries, no limits.
    pub fn new(name: impl Into<String>, id: u32, servers: Vec<Server>, balance: Box<dyn Balance>) -> Self {
        BackendConfig {
            name: name.into(),
            id,
            servers,
            balance,
            timeouts: BackendTimeouts::default(),
            retries: 3,
            redispatch: Redispatch::Off,
            allbackups: false,
            http: None,
            inspection: None,
        }
    }
}

/// Servers that share the work.
pub struct Backend {
    pub(crate) config: BackendConfig,
    observed: Arc<ObservedBackend>,
    servers: Vec<Arc<Server>>,
    /// Whether any server has layers.
    has_layers: bool,
    /// Whether any of those tells the unique ID.
    tells_unique_id: bool,
    /// The formats that those tell the values of, each once.
    formats: Vec<Arc<Format>>,
    /// The fields of requests that name where connections to any of them come from, each once.
    source_fields: Vec<SourceField>,
    /// Sessions that wait. Touched only while one has to.
    pub(super) waiters: Waiters,
    /// Changes whenever a weight or the state of a server does.
    epoch: AtomicU64,
}

impl Backend {
    /// A backend with nothing to do yet.
    pub fn new(mut config: BackendConfig) -> Arc<Backend> {
        let (name, id) = (config.name.clone(), config.id);
        let servers: Vec<_> =
            config.servers.drain(..).map(|server| Arc::new(server.of_backend(id))).collect();
        let waiters = Waiters::new(servers.len());
        let observed = Arc::new(ObservedBackend { name, id, counters: BackCounters::default() });
        let layers = || servers.iter().flat_map(|server| &server.config().layers);
        let (has_layers, tells_unique_id) =
            (layers().next().is_some(), layers().any(|layer| layer.tells_unique_id()));
        let formats = distinct(servers.iter().flat_map(|server| server.formats()));
        let mut source_fields: Vec<SourceField> = Vec::new();
        for field in servers.iter().filter_map(|server| server.source_field()) {
            if !source_fields.contains(field) {
                source_fields.push(field.clone());
            }
        }
        let epoch = AtomicU64::new(1);
        Arc::new(Backend {
            config,
            observed,
            servers,
            has_layers,
            tells_unique_id,
            formats,
            source_fields,
            waiters,
            epoch,
        })
    }

    /// Whether connections to any of its servers depend on whom they are made for: they pass layers, or come from where a
    /// request says.
    pub(crate) fn is_on_behalf(&self) -> bool {
        self.has_layers || !self.source_fields.is_empty()
    }

    /// Whether any of those tells the unique ID of a session or exchange.
    pub(crate) fn tells_unique_id(&self) -> bool {
        self.tells_unique_id
    }

    /// Whether its servers are told what only rules can say of a session or exchange.
    pub(crate) fn tells_by_rules(&self) -> bool {
        self.tells_unique_id || !self.formats.is_empty() || !self.source_fields.is_empty()
    }

    /// The formats whose values its servers are told, each once.
    pub(crate) fn formats(&self) -> &[Arc<Format>] {
        &self.formats
    }

    /// The fields of requests that name where connections to its servers come from, each once.
    pub(crate) fn source_fields(&self) -> &[SourceField] {
        &self.source_fields
    }

    /// It as it is observed.
    pub fn observed(&self) -> &Arc<ObservedBackend> {
        &self.observed
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.config.id
    }

    /// Its servers, in the order of the configuration.
    pub fn servers(&self) -> &[Arc<Server>] {
        &self.servers
    }

    /// A server by its name.
    pub fn server(&self, name: &str) -> Option<&Arc<Server>> {
        self.servers.iter().find(|server| server.name() == name)
    }

    /// Its counters.
    pub fn counters(&self) -> &BackCounters {
        self.observed.counters()
    }

    /// Bytes to servers and from them, of sessions that have ended.
    pub fn bytes(&self) -> (u64, u64) {
        let sum = |of: fn(&Traffic) -> u64| self.servers.iter().map(|server| of(server.counters())).sum();
        (sum(Traffic::bytes_in), sum(Traffic::bytes_out))
    }

    /// What it says about HTTP, in that mode.
    pub fn http(&self) -> Option<&Arc<HttpPolicy>> {
        self.config.http.as_ref()
    }

    /// How long things may take.
    pub fn timeouts(&self) -> &BackendTimeouts {
        &self.config.timeouts
    }

    /// Changes a weight. A server of weight 0 gets nothing new. Returns whether there is such a server.
    pub fn set_weight(self: &Arc<Self>, server: &str, weight: u16) -> bool {
        self.change(server, |server| server.set_weight(weight))
    }

    /// Takes a server out of use, or back into it. Sessions on it go on; those that wait for it choose again. Returns
    /// whether there is such a server.
    pub fn set_maintenance(self: &Arc<Self>, server: &str, on: bool) -> bool {
        self.change(server, |server| server.set_maintenance(on))
    }

    fn change(self: &Arc<Self>, name: &str, change: impl FnOnce(&Server)) -> bool {
        let Some(index) = self.servers.iter().position(|server| server.name() == name) else { return false };
        change(&self.servers[index]);
        self.epoch.fetch_add(1, Ordering::Release);
        self.usable_servers_changed(index);
        true
    }

    /// Changes whenever a weight or the state of a server does.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// The servers to choose from now.
    pub fn group(&self) -> Group {
        let mut first_backup = None;
        for (index, server) in self.servers.iter().enumerate() {
            match (server.is_usable(), server.config().backup) {
                (true, false) => return Group::Primaries,
                (true, true) => drop(first_backup.get_or_insert(index)),
                (false, _) => {}
            }
        }
        match first_backup {
            None => Group::Empty,
            Some(_) if self.config.allbackups => Group::Backups,
            Some(index) => Group::One(index),
        }
    }

    /// Whether more than one primary server is usable.
    pub(crate) fn has_alternatives(&self) -> bool {
        let primaries = self.servers.iter().filter(|server| server.is_usable() && !server.config().backup);
        primaries.take(2).count() > 1
    }

    /// Attempts to connect after the first. `retry-on` without `conn-failure` leaves none.
    pub(crate) fn connect_retries(&self) -> u32 {
        let retries = |http: &HttpPolicy| http.retry_on.has(RetryCause::ConnectFailure);
        if self.config.http.as_deref().is_none_or(retries) { self.config.retries } else { 0 }
    }

    /// How long a session may wait for a slot.
    pub(crate) fn queue_limit(&self) -> Option<Duration> {
        self.config.timeouts.queue.or(self.config.timeouts.connect)
    }
}

/// Each of these once: those of `default-server` are shared by all servers.
fn distinct<'f>(all: impl Iterator<Item = &'f LayerFormat>) -> Vec<Arc<Format>> {
    let mut formats: Vec<Arc<Format>> = Vec::new();
    for LayerFormat { format, .. } in all {
        if !formats.iter().any(|known| Arc::ptr_eq(known, format)) {
            formats.push(Arc::clone(format));
        }
    }
    formats
}

impl Members for Backend {
    fn count(&self) -> usize {
        self.servers.len()
    }

    fn member(&self, index: usize) -> &dyn Member {
        &*self.servers[index]
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("config", &self.config)
            .field("servers", &self.servers)
            .finish_non_exhaustive()
    }
}
