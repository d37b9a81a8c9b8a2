//! A server: how it is reached, how much it may get, and what may change while it runs.

use std::net::SocketAddr;
use std::sync::atomic::Ordering::{Acquire, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU16};
use std::sync::{Arc, PoisonError, RwLock};

use proto_core::address::Address;
use proto_core::layer::Layer;
use proto_core::options::SourceField;
use proto_core::protocol::Connector;
use proxy_rules::format::LayerFormat;

use super::idle::IdleCounts;
use crate::balance::Member;
use crate::observe::{BackCounters, ObservedServer};
use crate::policy::{IdlePool, MAX_WEIGHT};

/// What a server is made of.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// For logs and commands.
    pub name: String,
    /// The number it is known by. `balance first` prefers the lowest.
    pub id: u32,
    /// Connects to it.
    pub connector: Arc<dyn Connector>,
    /// Its address. The unspecified IP address stands for the one that the client connected to.
    pub address: Address,
    /// Further addresses of its name, in the order of preference, for transports that try more than one.
    pub alternatives: Option<Arc<[Address]>>,
    /// Its port, for an Internet address.
    pub port: ServerPort,
    /// From 0, which gets nothing new, to [`MAX_WEIGHT`].
    pub weight: u16,
    /// Used only while no other can be.
    pub backup: bool,
    /// Starts in maintenance.
    pub disabled: bool,
    /// Starts in maintenance too, because nobody knows its address yet; the unspecified one stands for it.
    pub unresolved: bool,
    /// Sessions at once; further ones wait.
    pub maxconn: Option<usize>,
    /// Sessions that may wait for this one server; `None` for any number.
    pub maxqueue: Option<usize>,
    /// Connections to it that may be idle.
    pub pool: IdlePool,
    /// Connections are made in the name of the client, and no other client's requests may go over them.
    pub is_personal: bool,
    /// What is connected to in place of its address: a host that leads there, which one of its layers asks.
    pub via: Option<Address>,
    /// What turns a connection into what is written to, the one next to the transport first.
    pub layers: Vec<Arc<dyn Layer>>,
    /// What those tell the server of a client's session or exchange.
    pub formats: Vec<LayerFormat>,
    /// The field of requests that names the address which connections come from.
    pub source_field: Option<SourceField>,
}

/// A server among all of the process: what a pool knows it by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerKey {
    /// The number of its backend.
    pub backend: u32,
    /// Its number within that.
    pub server: u32,
}

impl ServerConfig {
    /// A plain one: weight 1, no limits.
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
            disabled: false,
            unresolved: false,
            maxconn: None,
            maxqueue: None,
            pool: IdlePool::default(),
            is_personal: false,
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
    /// That of its address.
    Fixed,
    /// That of the client's connection plus this; 0 for a server whose line names no port.
    Offset(i32),
}

/// A server of a backend.
///
/// Weight and maintenance are changed through the [`Backend`](crate::Backend), which has to tell those who wait. They
/// are in the one order of all that the queues rely on (sequentially consistent).
#[derive(Debug)]
pub struct Server {
    observed: Arc<ObservedServer>,
    key: ServerKey,
    config: ServerConfig,
    weight: AtomicU16,
    maintenance: AtomicBool,
    /// Whether `address` was ever set; until then nobody takes the lock.
    moved: AtomicBool,
    address: RwLock<Address>,
    idle: IdleCounts,
}

impl Server {
    /// A server with nothing to do yet.
    pub fn new(config: ServerConfig) -> Server {
        let (name, id) = (config.name.clone(), config.id);
        Server {
            observed: Arc::new(ObservedServer { name, id, counters: BackCounters::default() }),
            key: ServerKey { backend: 0, server: id },
            weight: AtomicU16::new(config.weight.min(MAX_WEIGHT)),
            maintenance: AtomicBool::new(config.disabled || config.unresolved),
            moved: AtomicBool::new(false),
            address: RwLock::new(config.address.clone()),
            idle: IdleCounts::default(),
            config,
        }
    }

    /// The same as one of a backend with this number.
    pub(crate) fn of_backend(self, backend: u32) -> Server {
        Server { key: ServerKey { backend, ..self.key }, ..self }
    }

    /// What it is known by in the process.
    pub fn key(&self) -> ServerKey {
        self.key
    }

    /// It as it is observed.
    pub fn observed(&self) -> &Arc<ObservedServer> {
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

    /// What it was made of.
    pub fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// The field of requests that names the address which its connections come from.
    pub(crate) fn source_field(&self) -> Option<&SourceField> {
        self.config.source_field.as_ref()
    }

    /// What its layers tell it of a client's session or exchange.
    pub(crate) fn formats(&self) -> &[LayerFormat] {
        if self.config.layers.is_empty() { &[] } else { &self.config.formats }
    }

    /// Its weight now.
    pub fn weight(&self) -> u16 {
        self.weight.load(SeqCst)
    }

    /// Whether it is in maintenance.
    pub fn is_in_maintenance(&self) -> bool {
        self.maintenance.load(SeqCst)
    }

    /// Whether new sessions may be given to it by a balancing algorithm.
    pub fn is_usable(&self) -> bool {
        !self.is_in_maintenance() && self.weight() > 0
    }

    /// Its counters.
    pub fn counters(&self) -> &BackCounters {
        self.observed.counters()
    }

    /// Sessions that hold a slot, and those that wait for one.
    pub fn load(&self) -> usize {
        self.counters().current() + self.counters().queued()
    }

    /// Whether another session would get a slot without overtaking one that waits.
    pub fn has_room(&self) -> bool {
        let counters = self.counters();
        self.config.maxconn.is_none_or(|limit| counters.queued() == 0 && counters.current() < limit)
    }

    /// Its address now.
    pub fn address(&self) -> Address {
        if !self.moved.load(Acquire) {
            return self.config.address.clone();
        }
        self.address.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The other addresses that it started with, with the port of this one; none once it was given another address.
    pub(crate) fn alternatives(&self, address: &Address) -> Option<Arc<[Address]>> {
        let others = self.config.alternatives.as_ref().filter(|_| !self.moved.load(Acquire))?;
        if self.config.port == ServerPort::Fixed {
            return Some(Arc::clone(others));
        }
        let port = address.inet()?.port();
        let with_port = |other: &Address| Some(SocketAddr::new(other.inet()?.ip(), port).into());
        Some(others.iter().filter_map(with_port).collect())
    }

    /// Gives it another address, for the attempts that begin from now on.
    pub fn set_address(&self, address: Address) {
        *self.address.write().unwrap_or_else(PoisonError::into_inner) = address;
        self.moved.store(true, Release);
    }

    /// Idle connections to it, of all workers.
    pub fn idle(&self) -> usize {
        self.idle.total()
    }

    /// Idle connections to it, by worker.
    pub(crate) fn idle_counts(&self) -> &IdleCounts {
        &self.idle
    }

    pub(crate) fn set_weight(&self, weight: u16) {
        self.weight.store(weight.min(MAX_WEIGHT), SeqCst);
    }

    pub(crate) fn set_maintenance(&self, on: bool) {
        self.maintenance.store(on, SeqCst);
    }

    /// Where to connect to for a client that connected to this destination; `None` if the offset leads to no port.
    pub(crate) fn address_for(&self, destination: impl FnOnce() -> Address) -> Option<Address> {
        let address = self.address();
        let Some(inet) = address.inet() else { return Some(address) };
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

    fn weight(&self) -> u16 {
        Server::weight(self)
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

    fn slots_in_use(&self) -> usize {
        self.counters().current()
    }

    fn load(&self) -> usize {
        Server::load(self)
    }

    fn maxconn(&self) -> Option<usize> {
        self.config.maxconn
    }

    fn maxqueue(&self) -> Option<usize> {
        self.config.maxqueue
    }
}
