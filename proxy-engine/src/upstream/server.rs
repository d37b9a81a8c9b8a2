//! A server: its address, its limits, and what may change while it runs.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use proto_core::address::Address;
use proto_core::layer::Layer;
use proto_core::options::SourceField;
use proto_core::protocol::Connector;
use proxy_health::{Checks, InitState, ObservedEvent, OnMarked, Tally};
use proxy_rules::format::LayerFormat;

use super::health::{ChecksAtStart, HealthCheck, ServerHealth};
use super::idle::IdleCounts;
use super::names::NameResolution;
use super::server_cookie::ServerCookie;
use super::slot_limit::{BackendLoad, SlotLimit};
use super::state::{Operational, ServerState, StateSettings, StateView};
use crate::balance::{Member, ring_key};
use crate::observe::{BackCounters, ObservedServer};
use crate::policy::{HashKey, IdlePool, MAX_WEIGHT};

/// The configuration of a server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The name, for logs and commands.
    pub name: String,
    /// The number, unique in its backend. `balance first` prefers the lowest.
    pub id: u32,
    /// The connector of its protocol.
    pub connector: Arc<dyn Connector>,
    /// The address. The unspecified IP address stands for the one that the client connected to.
    pub address: Address,
    /// Further addresses of the name, in the order of preference, for transports that try more than one.
    pub alternatives: Option<Arc<[Address]>>,
    /// The port, of an Internet address.
    pub port: ServerPort,
    /// The weight, from 0, which gets no new sessions, to [`MAX_WEIGHT`].
    pub weight: u16,
    /// Whether the server is used only while no primary server is usable.
    pub backup: bool,
    /// The value of the cookie that leads to it.
    pub cookie: Option<String>,
    /// Whether the server starts in maintenance.
    pub disabled: bool,
    /// Whether the server starts in maintenance because its address is not known yet; `address` is unspecified then.
    pub unresolved: bool,
    /// The state that the server starts with.
    pub init_state: Option<InitState>,
    /// How it is checked, if it is.
    pub health: Option<HealthCheck>,
    /// How its agent is asked about it, if it is.
    pub agent: Option<HealthCheck>,
    /// The tally of a server whose health is not checked, for state files.
    pub unchecked: Tally,
    /// The time in which its weight rises once it is up again, in whole seconds; zero for none.
    pub slowstart: Duration,
    /// The sessions that end when it goes down or comes up.
    pub on_marked: OnMarked,
    /// The host name in its address, if there is one.
    pub host: Option<String>,
    /// What its points on a ring are computed from.
    pub hash_key: HashKey,
    /// What resolves that name while the server runs.
    pub resolution: Option<NameResolution>,
    /// The most concurrent sessions; further ones wait.
    pub maxconn: Option<usize>,
    /// The most concurrent sessions while the backend is idle; 0 if that does not depend on its load.
    pub minconn: usize,
    /// Whether its number was configured.
    pub is_id_given: bool,
    /// The most sessions that wait for this server alone; `None` for no limit.
    pub maxqueue: Option<usize>,
    /// The limits of idle connections.
    pub pool: IdlePool,
    /// Whether connections use the client's address as their source, so that no other client may use them.
    pub is_personal: bool,
    /// Whether its connections are closed with a reset: `nolinger`.
    pub resets: bool,
    /// The address to connect to instead: a host that forwards to the server at the request of a layer.
    pub via: Option<Address>,
    /// The layers on a connection, the one next to the transport first.
    pub layers: Vec<Arc<dyn Layer>>,
    /// The formats whose values the layers send about a session or exchange.
    pub formats: Vec<LayerFormat>,
    /// The header field that names the source address of connections.
    pub source_field: Option<SourceField>,
}

/// The key of a server, unique in the process. Pools use it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerKey {
    /// The number of its backend.
    pub backend: u32,
    /// The number of the server in its backend.
    pub server: u32,
}

impl ServerConfig {
    /// Creates a plain configuration: weight 1, no limits.
    pub fn new(name: impl Into<String>, id: u32, connector: Arc<dyn Connector>, address: Address) -> Self {
        ServerConfig {
            name: name.into(),
            id,
            connector,
            address,
            alternatives: None,
            port: ServerPort::Fixed,
            weight: 1,
            backup: false,
            cookie: None,
            disabled: false,
            unresolved: false,
            init_state: None,
            health: None,
            agent: None,
            unchecked: Tally::UNCHECKED,
            slowstart: Duration::ZERO,
            on_marked: OnMarked::default(),
            host: None,
            hash_key: HashKey::default(),
            resolution: None,
            maxconn: None,
            minconn: 0,
            is_id_given: false,
            maxqueue: None,
            pool: IdlePool::default(),
            is_personal: false,
            resets: false,
            via: None,
            layers: Vec::new(),
            formats: Vec::new(),
            source_field: None,
        }
    }
}

/// The port of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerPort {
    /// The port of the server's address.
    Fixed,
    /// The port that the client connected to, plus this; 0 for a server line without a port.
    Offset(i32),
}

/// A server of a backend.
///
/// Its state is changed through the [`Backend`](crate::Backend), which has to notify waiting sessions.
#[derive(Debug)]
pub struct Server {
    observed: Arc<ObservedServer>,
    key: ServerKey,
    config: ServerConfig,
    state: ServerState,
    health: ServerHealth,
    slots: SlotLimit,
    load: Option<Arc<BackendLoad>>,
    /// Whether `address` was changed; until then the lock is not taken.
    moved: AtomicBool,
    address: RwLock<Address>,
    /// The host name, which may change while it is resolved.
    host: RwLock<Option<String>>,
    idle: IdleCounts,
    cookie: ServerCookie,
}

impl Server {
    /// Creates a server.
    pub fn new(config: ServerConfig) -> Server {
        let (name, id) = (config.name.clone(), config.id);
        Server {
            observed: Arc::new(ObservedServer::new(name, id)),
            key: ServerKey { backend: 0, server: id },
            state: ServerState::new(StateSettings {
                weight: config.weight.min(MAX_WEIGHT),
                disabled: config.disabled,
                unresolved: config.unresolved,
                init: config.init_state,
                slowstart: config.slowstart,
            }),
            health: ServerHealth::new(
                config.health.clone(),
                config.agent.clone(),
                ChecksAtStart {
                    init: config.init_state,
                    unchecked: config.unchecked,
                    in_maintenance: config.disabled,
                },
            ),
            slots: SlotLimit::new(config.minconn, config.maxconn.unwrap_or(0)),
            load: None,
            moved: AtomicBool::new(false),
            address: RwLock::new(config.address.clone()),
            host: RwLock::new(config.host.clone()),
            idle: IdleCounts::default(),
            cookie: ServerCookie::new(config.cookie.clone()),
            config,
        }
    }

    /// Makes this a server of the backend with this number.
    pub(super) fn of_backend(self, backend: u32, load: &Arc<BackendLoad>) -> Server {
        Server { key: ServerKey { backend, ..self.key }, load: Some(Arc::clone(load)), ..self }
    }

    /// Returns the key of the server, unique in the process.
    pub fn key(&self) -> ServerKey {
        self.key
    }

    /// Returns what observers see of this server.
    pub fn observed(&self) -> &Arc<ObservedServer> {
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

    /// Returns the configuration.
    pub fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// Returns the header field that names the source address of connections.
    pub(crate) fn source_field(&self) -> Option<&SourceField> {
        self.config.source_field.as_ref()
    }

    /// Returns the formats whose values the layers send about a session or exchange.
    pub(crate) fn formats(&self) -> &[LayerFormat] {
        if self.config.layers.is_empty() { &[] } else { &self.config.formats }
    }

    /// Returns the state, whose changes go through the backend.
    pub(super) fn state(&self) -> &ServerState {
        &self.state
    }

    /// Returns the checks.
    pub(super) fn health(&self) -> &ServerHealth {
        &self.health
    }

    /// Returns the state as of now.
    pub fn view(&self) -> StateView {
        self.state.view()
    }

    /// Returns the weight of the line, or the one that was set later.
    pub fn weight(&self) -> u16 {
        self.state.weight()
    }

    /// Returns whether the server is in maintenance.
    pub fn is_in_maintenance(&self) -> bool {
        self.view().admin.is_in_maintenance()
    }

    /// Returns whether balancing algorithms may choose the server for new sessions.
    pub fn is_usable(&self) -> bool {
        self.view().is_usable()
    }

    /// Returns whether the server may be given the sessions of clients that come back to it: it is neither down nor in
    /// maintenance.
    pub(crate) fn takes_returning(&self) -> bool {
        let view = self.view();
        view.operational != Operational::Stopped && !view.admin.is_in_maintenance()
    }

    /// Returns the value of the cookie that leads to it.
    pub(crate) fn cookie(&self) -> &ServerCookie {
        &self.cookie
    }

    /// Returns the value of the cookie that leads to it, as text for statistics.
    pub fn cookie_value(&self) -> Option<String> {
        self.cookie.with(|value| value.map(str::to_owned))
    }

    /// Returns the checks and their last results, as of now.
    pub fn checks(&self) -> Checks {
        self.health().checks().results.clone()
    }

    /// Tells what has happened to a connection to the server, or to an exchange with it.
    pub(crate) fn observe(&self, event: ObservedEvent) {
        self.health().observe(event);
    }

    /// Returns how long the server has been down since the start.
    pub fn downtime(&self) -> Duration {
        self.state().downtime()
    }

    /// Returns the counters.
    pub fn counters(&self) -> &BackCounters {
        self.observed.counters()
    }

    /// Returns the number of sessions that hold a slot or wait for one.
    pub fn load(&self) -> usize {
        self.counters().current() + self.counters().queued()
    }

    /// Returns whether another session would get a slot without overtaking one that waits.
    pub fn has_room(&self) -> bool {
        let counters = self.counters();
        self.limit().is_none_or(|limit| counters.queued() == 0 && counters.current() < limit)
    }

    /// Returns the limit of concurrent sessions as of now.
    pub fn limit(&self) -> Option<usize> {
        self.slots.now(self.load.as_ref(), || self.view())
    }

    /// Returns the whole limit of concurrent sessions, which may be larger than that of now.
    pub fn maxconn(&self) -> Option<usize> {
        self.slots.most()
    }

    /// Returns the limit of concurrent sessions while the backend is idle, if it depends on the load.
    pub fn minconn(&self) -> Option<usize> {
        self.slots.least()
    }

    pub(super) fn slots(&self) -> &SlotLimit {
        &self.slots
    }

    /// Returns the name of the server that it tracks, `backend/server`.
    pub fn tracked(&self) -> Option<&str> {
        self.state.tracked()
    }

    /// Returns how long the operational state has been the same.
    pub fn since(&self) -> Duration {
        self.state.since()
    }

    /// Returns the current address.
    pub fn address(&self) -> Address {
        if !self.moved.load(Acquire) {
            return self.config.address.clone();
        }
        self.address.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the other addresses that the server started with, with the port of `address`, or `None` after its
    /// address was changed.
    pub(crate) fn alternatives(&self, address: &Address) -> Option<Arc<[Address]>> {
        let others = self.config.alternatives.as_ref().filter(|_| !self.moved.load(Acquire))?;
        if self.config.port == ServerPort::Fixed {
            return Some(Arc::clone(others));
        }
        let port = address.inet()?.port();
        let with_port = |other: &Address| Some(SocketAddr::new(other.inet()?.ip(), port).into());
        Some(others.iter().filter_map(with_port).collect())
    }

    /// Changes the address, for attempts that begin from now on.
    pub fn set_address(&self, address: Address) {
        *self.address.write().unwrap_or_else(PoisonError::into_inner) = address;
        self.moved.store(true, Release);
        self.cookie.moved(|| self.address());
    }

    /// Returns the host name, if it has one.
    pub fn host(&self) -> Option<String> {
        self.host.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the host name.
    pub(super) fn set_host(&self, host: Option<String>) {
        *self.host.write().unwrap_or_else(PoisonError::into_inner) = host;
    }

    /// Returns the number of idle connections of all workers.
    pub fn idle(&self) -> usize {
        self.idle.total()
    }

    /// Returns the number of idle connections by worker.
    pub(crate) fn idle_counts(&self) -> &IdleCounts {
        &self.idle
    }

    /// Returns the address to connect to for a client that connected to `destination`, or `None` if there is no valid
    /// port or no IP address.
    pub(crate) fn address_for(&self, destination: impl FnOnce() -> Address) -> Option<Address> {
        let address = self.address();
        let Some(inet) = address.inet() else { return Some(address) };
        // The name of the server has no address.
        if self.config.resolution.is_some() && inet.ip().is_unspecified() {
            return None;
        }
        if self.config.port == ServerPort::Fixed && !inet.ip().is_unspecified() {
            return Some(address);
        }
        let wanted = destination().known_as();
        let ip = if inet.ip().is_unspecified() { wanted?.ip() } else { inet.ip() };
        let port = match self.config.port {
            ServerPort::Fixed => inet.port(),
            ServerPort::Offset(offset) => {
                let port = i32::from(wanted?.port()) + offset;
                u16::try_from(port).ok().filter(|port| *port != 0)?
            }
        };
        Some(SocketAddr::new(ip, port).into())
    }
}

impl Member for Server {
    fn id(&self) -> u32 {
        self.config.id
    }

    fn effective_weight(&self) -> u32 {
        self.view().effective_weight.into()
    }

    fn initial_weight(&self) -> u16 {
        self.config.weight
    }

    fn is_backup(&self) -> bool {
        self.config.backup
    }

    fn is_usable(&self) -> bool {
        Server::is_usable(self)
    }

    fn has_room(&self) -> bool {
        Server::has_room(self)
    }

    fn ring_key(&self) -> u32 {
        ring_key(self.config.hash_key, self.config.id, || self.address().inet())
    }

    fn slots_in_use(&self) -> usize {
        self.counters().current()
    }

    fn load(&self) -> usize {
        Server::load(self)
    }

    fn maxconn(&self) -> Option<usize> {
        self.limit()
    }

    fn has_fixed_limit(&self) -> bool {
        self.slots.least().is_none() && self.view().slow_start_percent.is_none()
    }

    fn maxqueue(&self) -> Option<usize> {
        self.config.maxqueue
    }
}
