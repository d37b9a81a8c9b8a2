//! A backend: servers, the algorithm that chooses among them, and the rules for retries.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use proto_core::address::Address;
use proto_core::options::SourceField;
use proxy_rules::format::LayerFormat;
use proxy_rules::{Format, PersistRules, UseServers};
use tokio::sync::Notify;

use super::dynamic_cookies::DynamicCookies;
use super::queue_lines::Waiters;
use super::server::Server;
use super::slot_limit::{BackendLoad, SlotCount};
use super::state::{Admin, Effects, UsableServers};
use super::steering::Steering;
use crate::balance::{Balance, Group, Key, Member, Members};
use crate::observe::{BackCounters, Count, ObservedBackend, Tallies, Traffic};
use crate::policy::{BackendTimeouts, HttpPolicy, Inspection, Redispatch, RetryCause};

/// The configuration of a backend.
#[derive(Debug)]
pub struct BackendConfig {
    /// The name, for logs and commands.
    pub name: String,
    /// The number, unique among backends.
    pub id: u32,
    /// The position of its section in the configuration.
    pub place: usize,
    /// The servers, in the order of the configuration.
    pub servers: Vec<Server>,
    /// The name of the algorithm, for statistics.
    pub algorithm: String,
    /// The algorithm that chooses among them.
    pub balance: Box<dyn Balance>,
    /// The timeouts.
    pub timeouts: BackendTimeouts,
    /// The number of attempts to connect after the first.
    pub retries: u32,
    /// When a retry may go to another server.
    pub redispatch: Redispatch,
    /// Whether clients that come back are led to their server even if it is down.
    pub persists: bool,
    /// The rules that choose a server.
    pub use_servers: UseServers,
    /// The rules about persistence.
    pub persist_rules: PersistRules,
    /// Whether servers have cookies that are made of their addresses.
    pub dynamic_cookies: bool,
    /// The key of such cookies.
    pub dynamic_cookie_key: Option<String>,
    /// Whether all backup servers are used, not only the first, while no primary server is usable.
    pub allbackups: bool,
    /// The load from which its servers have their whole limits of sessions; 0 for a tenth of what its frontends admit.
    pub fullconn: usize,
    /// Whether its number was configured.
    pub is_id_given: bool,
    /// Whether it is the backend of a `listen` section.
    pub is_listen: bool,
    /// Whether a client of mode tcp that closes its sending direction no longer waits for a server.
    pub aborts: bool,
    /// The settings of HTTP, in mode http.
    pub http: Option<Arc<HttpPolicy>>,
    /// The content rules, in mode tcp.
    pub inspection: Option<Arc<Inspection>>,
}

impl BackendConfig {
    /// Creates a plain configuration: three retries, no limits.
    pub fn new(name: impl Into<String>, id: u32, servers: Vec<Server>, balance: Box<dyn Balance>) -> Self {
        BackendConfig {
            name: name.into(),
            id,
            place: 0,
            servers,
            algorithm: String::new(),
            balance,
            timeouts: BackendTimeouts::default(),
            retries: 3,
            redispatch: Redispatch::Off,
            persists: false,
            use_servers: UseServers::default(),
            persist_rules: PersistRules::default(),
            dynamic_cookies: false,
            dynamic_cookie_key: None,
            allbackups: false,
            fullconn: 0,
            is_id_given: false,
            is_listen: false,
            aborts: false,
            http: None,
            inspection: None,
        }
    }
}

/// A running backend: servers that share the load.
pub struct Backend {
    pub(crate) config: BackendConfig,
    observed: Arc<ObservedBackend>,
    load: Arc<BackendLoad>,
    servers: Vec<Arc<Server>>,
    /// Whether any server has layers.
    has_layers: bool,
    /// Whether any layer of a server sends the unique ID.
    tells_unique_id: bool,
    /// The formats whose values the layers of servers send, each once.
    formats: Vec<Arc<Format>>,
    /// The header fields that name the source addresses of connections to servers, each once.
    source_fields: Vec<SourceField>,
    /// Whether what servers are told is taken from the request.
    tells_request: bool,
    /// The number of sessions that hold slots, if the algorithm asks for it.
    sessions: Option<SlotCount>,
    /// Whether the algorithm is told changes of load.
    tells_load: bool,
    has_varying_limits: bool,
    /// The queues. They are accessed only while a session waits.
    pub(super) waiters: Waiters,
    /// The servers that can be chosen now.
    usable: UsableServers,
    /// Notified when a slow start begins.
    slow_starts: Notify,
    effects: Effects,
    dynamic_cookies: DynamicCookies,
    steering: Steering,
    /// The first address that its section listens on.
    listener: OnceLock<Address>,
}

impl Backend {
    /// Creates a backend.
    pub fn new(mut config: BackendConfig) -> Arc<Backend> {
        let (name, id) = (config.name.clone(), config.id);
        let observed = Arc::new(ObservedBackend::new(name, id));
        let load = BackendLoad::new(&observed, config.fullconn);
        let servers: Vec<_> =
            config.servers.drain(..).map(|server| Arc::new(server.of_backend(id, &load))).collect();
        let waiters = Waiters::new(servers.len());
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
        let tells_request = !source_fields.is_empty() || formats.iter().any(|format| format.reads_request());
        let dynamic_cookies =
            DynamicCookies::new(config.dynamic_cookies, config.dynamic_cookie_key.take(), &servers);
        let index_of = |name: &str| servers.iter().position(|server| server.name() == name);
        let steering = Steering::new(config.use_servers.clone(), config.persist_rules.clone(), index_of);
        let usable = UsableServers::new(&Listed(&servers), config.allbackups);
        for index in 0..servers.len() {
            config.balance.changed(&Listed(&servers), index);
        }
        let sessions = config.balance.counts_sessions().then(SlotCount::default);
        let tells_load = config.balance.follows_load();
        let has_varying_limits =
            servers.iter().any(|server| server.minconn().is_some() || !server.config().slowstart.is_zero());
        Arc::new(Backend {
            config,
            observed,
            load,
            servers,
            has_layers,
            tells_unique_id,
            formats,
            source_fields,
            tells_request,
            sessions,
            tells_load,
            has_varying_limits,
            waiters,
            usable,
            slow_starts: Notify::new(),
            effects: Effects::default(),
            dynamic_cookies,
            steering,
            listener: OnceLock::new(),
        })
    }

    /// Returns whether connections to any server depend on the client they are made for: they pass layers, or have a
    /// source address that a request names.
    pub(crate) fn is_on_behalf(&self) -> bool {
        self.has_layers || !self.source_fields.is_empty()
    }

    /// Returns whether any layer of a server sends the unique ID of a session or exchange.
    pub(crate) fn tells_unique_id(&self) -> bool {
        self.tells_unique_id
    }

    /// Returns whether servers are told anything that has to be evaluated in the context of rules.
    pub(crate) fn tells_by_rules(&self) -> bool {
        self.tells_unique_id || !self.formats.is_empty() || !self.source_fields.is_empty()
    }

    /// Returns whether any of that is taken from the request.
    pub(crate) fn tells_request(&self) -> bool {
        self.tells_request
    }

    /// Returns the formats whose values the layers of servers send, each once.
    pub(crate) fn formats(&self) -> &[Arc<Format>] {
        &self.formats
    }

    /// Returns the header fields that name the source addresses of connections to servers, each once.
    pub(crate) fn source_fields(&self) -> &[SourceField] {
        &self.source_fields
    }

    /// Returns what observers see of this backend.
    pub fn observed(&self) -> &Arc<ObservedBackend> {
        &self.observed
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Returns the number.
    pub fn id(&self) -> u32 {
        self.config.id
    }

    /// Returns the position of its section in the configuration.
    pub fn place(&self) -> usize {
        self.config.place
    }

    /// Returns the name of the balancing algorithm.
    pub fn algorithm(&self) -> &str {
        &self.config.algorithm
    }

    /// Returns the servers, in the order of the configuration.
    pub fn servers(&self) -> &[Arc<Server>] {
        &self.servers
    }

    /// Returns the server with this name.
    pub fn server(&self, name: &str) -> Option<&Arc<Server>> {
        self.servers.iter().find(|server| server.name() == name)
    }

    /// Returns the counters.
    pub fn counters(&self) -> &BackCounters {
        self.observed.counters()
    }

    /// Returns what is counted of sessions and exchanges: of those without a server, and of each server.
    pub fn tallies(&self) -> impl Iterator<Item = &Tallies> + Clone {
        let servers = self.servers.iter().map(|server| server.observed().tallies());
        std::iter::once(self.observed.tallies()).chain(servers)
    }

    /// Returns the sum of a count since the last reset.
    pub fn total(&self, count: Count) -> u64 {
        self.tallies().map(|tallies| tallies.total(count)).sum()
    }

    /// Returns the bytes to servers and from them, of sessions that have ended.
    pub fn bytes(&self) -> (u64, u64) {
        let sum = |of: fn(&Traffic) -> u64| self.servers.iter().map(|server| of(server.counters())).sum();
        (sum(Traffic::bytes_in), sum(Traffic::bytes_out))
    }

    /// Sets the load from which servers have their whole limits, unless it was configured.
    pub(crate) fn set_default_fullconn(&self, full: usize) {
        self.load.set_default(full);
    }

    /// Returns the load from which servers have their whole limits.
    pub fn fullconn(&self) -> usize {
        self.load.full()
    }

    /// Notes the first address that its section listens on, if it does. The first one that is noted stays.
    pub(crate) fn listens_on(&self, address: &Address) {
        let _ = self.listener.set(address.clone());
    }

    /// Returns the first address that its section listens on.
    pub(super) fn listener(&self) -> Option<&Address> {
        self.listener.get()
    }

    /// Returns whether it is the backend of a `listen` section.
    pub(crate) fn is_listen(&self) -> bool {
        self.config.is_listen
    }

    /// Returns whether its number was configured.
    pub fn is_id_given(&self) -> bool {
        self.config.is_id_given
    }

    /// Returns whether the algorithm follows weights that change.
    pub fn follows_weights(&self) -> bool {
        self.config.balance.follows_weights()
    }

    /// Returns the settings of HTTP, in mode http.
    pub fn http(&self) -> Option<&Arc<HttpPolicy>> {
        self.config.http.as_ref()
    }

    /// Returns the name of the cookie by which clients come back to the same server.
    pub fn cookie_name(&self) -> Option<&str> {
        self.http().and_then(|http| http.cookie.as_ref()).map(|cookie| &*cookie.name)
    }

    /// Returns the rules that choose a server.
    pub(crate) fn steering(&self) -> &Steering {
        &self.steering
    }

    /// Returns the cookies that are made of the addresses of servers.
    pub(crate) fn dynamic_cookies(&self) -> &DynamicCookies {
        &self.dynamic_cookies
    }

    /// Returns the timeouts.
    pub fn timeouts(&self) -> &BackendTimeouts {
        &self.config.timeouts
    }

    /// Changes a weight. A server of weight 0 gets no new sessions. Returns whether there is a server with this name.
    pub fn set_weight(self: &Arc<Self>, server: &str, weight: u16) -> bool {
        self.index_of(server).map(|index| self.set_user_weight(index, weight)).is_some()
    }

    /// Puts a server in maintenance, or takes it out. Sessions on it continue; those that wait for it choose again.
    /// Returns whether there is a server with this name.
    pub fn set_maintenance(self: &Arc<Self>, server: &str, on: bool) -> bool {
        let change = |index| match on {
            true => self.set_admin(index, Admin::FORCED_MAINT, ""),
            false => self.clear_admin(index, Admin::FORCED_MAINT),
        };
        self.index_of(server).map(change).is_some()
    }

    /// Returns the index of the server with this name.
    pub fn index_of(&self, server: &str) -> Option<usize> {
        self.servers.iter().position(|known| known.name() == server)
    }

    /// Returns the servers that can be chosen, as they are published.
    pub(super) fn usable(&self) -> &UsableServers {
        &self.usable
    }

    /// Returns what changes reach beyond this backend.
    pub(super) fn effects(&self) -> &Effects {
        &self.effects
    }

    /// Returns the number of usable servers: of primary ones, and of backups.
    pub fn usable_servers(&self) -> (usize, usize) {
        self.usable.counts()
    }

    /// Returns the count of sessions that hold slots, if the algorithm asks for it.
    pub(super) fn sessions(&self) -> Option<&SlotCount> {
        self.sessions.as_ref()
    }

    /// Returns whether the limit of any server depends on the load, or on the time since it came up.
    pub(super) fn has_varying_limits(&self) -> bool {
        self.has_varying_limits
    }

    /// Returns whether the algorithm is told changes of load.
    pub(super) fn tells_load(&self) -> bool {
        self.tells_load
    }

    /// Returns the expression that a server is chosen by, if there is one.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.config.balance.key()
    }

    /// Returns what is notified when a slow start begins.
    pub(super) fn slow_starts(&self) -> &Notify {
        &self.slow_starts
    }

    /// Returns the servers to choose from now.
    pub fn group(&self) -> Group {
        self.usable.get()
    }

    /// Returns whether more than one primary server is usable.
    pub(crate) fn has_alternatives(&self) -> bool {
        self.usable.counts().0 > 1
    }

    /// Returns the number of attempts to connect after the first. `retry-on` without `conn-failure` allows none.
    pub(crate) fn connect_retries(&self) -> u32 {
        let retries = |http: &HttpPolicy| http.retry_on.has(RetryCause::ConnectFailure);
        if self.config.http.as_deref().is_none_or(retries) { self.config.retries } else { 0 }
    }

    /// Returns the longest time that a session may wait for a slot.
    pub(crate) fn queue_limit(&self) -> Option<Duration> {
        self.config.timeouts.queue.or(self.config.timeouts.connect)
    }
}

/// Returns each format once: those of `default-server` are shared by all servers.
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

    fn slots_in_use(&self) -> usize {
        self.sessions.as_ref().map_or(0, SlotCount::get)
    }
}

/// The servers of a backend that is being made.
struct Listed<'s>(&'s [Arc<Server>]);

impl Members for Listed<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn member(&self, index: usize) -> &dyn Member {
        &*self.0[index]
    }

    fn slots_in_use(&self) -> usize {
        0
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
