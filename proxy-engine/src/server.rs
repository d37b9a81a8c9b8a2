//! A server: how it is reached, how much it may get, and what may change while it runs.

use std::net::SocketAddr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use proto_core::address::Address;
use proto_core::protocol::Connector;
use proto_core::stream::Stream;

use crate::policy::{IdlePool, MAX_WEIGHT};
use crate::tally::BackTally;

/// Workers whose idle connections are counted; HAProxy has no more threads than that in a group.
const WORKERS: usize = 64;

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
}

impl ServerConfig {
    /// A plain one: weight 1, no limits.
    pub fn new(name: impl Into<String>, id: u32, connector: Arc<dyn Connector>, address: Address) -> Self {
        ServerConfig {
            name: name.into(),
            id,
            connector,
            address,
            port: ServerPort::Fixed,
            weight: 1,
            backup: false,
            disabled: false,
            unresolved: false,
            maxconn: None,
            maxqueue: None,
            pool: IdlePool::default(),
            is_personal: false,
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
    config: ServerConfig,
    weight: AtomicU16,
    maintenance: AtomicBool,
    /// Whether `address` was ever set; until then nobody takes the lock.
    moved: AtomicBool,
    address: RwLock<Address>,
    tally: BackTally,
    /// Idle connections to it that each worker has; there is nothing to look at until there was one.
    idle: OnceLock<Box<[AtomicU32]>>,
}

impl Server {
    /// A server with nothing to do yet.
    pub fn new(config: ServerConfig) -> Server {
        Server {
            weight: AtomicU16::new(config.weight.min(MAX_WEIGHT)),
            maintenance: AtomicBool::new(config.disabled || config.unresolved),
            moved: AtomicBool::new(false),
            address: RwLock::new(config.address.clone()),
            tally: BackTally::default(),
            idle: OnceLock::new(),
            config,
        }
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

    /// What it has done.
    pub fn tally(&self) -> &BackTally {
        &self.tally
    }

    /// Sessions that hold a slot, and those that wait for one.
    pub fn load(&self) -> usize {
        self.tally.current() + self.tally.queued()
    }

    /// Whether another session would get a slot without overtaking anybody.
    pub fn has_room(&self) -> bool {
        self.config.maxconn.is_none_or(|limit| self.tally.queued() == 0 && self.tally.current() < limit)
    }

    /// Its address now.
    pub fn address(&self) -> Address {
        if !self.moved.load(Acquire) {
            return self.config.address.clone();
        }
        self.address.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives it another address, for the attempts that begin from now on.
    pub fn set_address(&self, address: Address) {
        *self.address.write().unwrap_or_else(PoisonError::into_inner) = address;
        self.moved.store(true, Release);
    }

    /// Idle connections to it, of all workers.
    pub fn idle(&self) -> usize {
        self.idle.get().map_or(0, |all| all.iter().map(|idle| idle.load(Relaxed) as usize).sum())
    }

    /// Idle connections to it that a worker has.
    pub(crate) fn idle_of(&self, worker: usize) -> usize {
        self.idle.get().and_then(|all| all.get(worker)).map_or(0, |idle| idle.load(Relaxed) as usize)
    }

    /// A worker has more or fewer of them.
    pub(crate) fn idle_changed(&self, worker: usize, by: isize) {
        let all = self.idle.get_or_init(|| (0..WORKERS).map(|_| AtomicU32::new(0)).collect());
        if let Some(idle) = all.get(worker) {
            // This worker alone writes.
            let now = (idle.load(Relaxed) as usize).saturating_add_signed(by);
            idle.store(u32::try_from(now).unwrap_or(u32::MAX), Relaxed);
        }
    }

    pub(crate) fn set_weight(&self, weight: u16) {
        self.weight.store(weight.min(MAX_WEIGHT), SeqCst);
    }

    pub(crate) fn set_maintenance(&self, on: bool) {
        self.maintenance.store(on, SeqCst);
    }

    /// Where to connect to for a client; `None` if the offset leads to no port.
    pub(crate) fn address_for(&self, client: &dyn Stream) -> Option<Address> {
        let address = self.address();
        let Some(inet) = address.inet() else { return Some(address) };
        if self.config.port == ServerPort::Fixed && !inet.ip().is_unspecified() {
            return Some(address);
        }
        let asked = client.original_dst().unwrap_or_else(|| client.local_addr()).inet();
        let ip = if inet.ip().is_unspecified() { asked?.ip() } else { inet.ip() };
        let port = match self.config.port {
            ServerPort::Fixed => inet.port(),
            ServerPort::Offset(offset) => {
                let port = i32::from(asked?.port()) + offset;
                u16::try_from(port).ok().filter(|port| *port != 0)?
            }
        };
        Some(SocketAddr::new(ip, port).into())
    }
}
