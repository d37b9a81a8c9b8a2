//! The pool: a worker's open connections to servers that no client has for itself.
//!
//! A connection that carries one exchange after the other is here while it is idle. One that carries many at once is
//! here from its first exchange on, as long as it takes more. Idle connections are watched: one is dropped as soon as
//! its server closes it or sends unrequested data. At each purge, every `pool-purge-delay`, half of the connections
//! are closed that were idle since the last one.
//!
//! ```text
//!             an exchange ends            purged, closed by the server
//!  in use ──────────────────────► idle ────────────────────────────────► closed
//!    ▲ └─── of many at once ──► shared ────────────────────────────────►
//!    └─────── the next exchange ───┘
//! ```

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::connect::ServerFindings;
use super::pool_wakers::Woken;
use super::server::{Server, ServerKey};
pub(crate) use super::shared::{Personal, PoolKey, Shared};
use crate::exchange::back::{BackExchange, SerialBack};
use crate::exchange::timer::Timer;

/// The shortest time between two purges.
const SHORTEST_PURGE: Duration = Duration::from_millis(10);

/// An idle connection to a server.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) back: Box<dyn SerialBack>,
    pub(crate) key: PoolKey,
    /// The number of exchanges that the connection has carried.
    pub(crate) exchanges: u32,
    pub(crate) findings: ServerFindings,
}

/// A connection of the pool for an exchange.
#[derive(Debug)]
pub(crate) enum Pooled {
    Idle(Idle),
    /// An exchange on a shared connection, and the number of exchanges before it.
    Exchange(Box<dyn BackExchange>, Shared, u32),
}

/// The connections that a request may reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reusable {
    /// All connections.
    Any,
    /// Connections that have carried more than one exchange, so that their servers are known to keep them open.
    Proven,
}

/// The connections to one server.
#[derive(Debug)]
struct ServerConnections {
    server: Arc<Server>,
    /// The idle connections; the one used last is at the back.
    idle: VecDeque<Idle>,
    shared: Vec<Shared>,
    /// The smallest number of idle connections since the last purge.
    least: usize,
    /// The largest recent number of concurrent requests; each purge moves it halfway to the current number.
    need: usize,
    purge_at: Instant,
    /// Wakes the watcher for the connections of this server.
    waker: Waker,
}

/// The pool of a worker.
pub(crate) struct Pool {
    servers: RefCell<BTreeMap<ServerKey, ServerConnections>>,
    idle: Cell<usize>,
    worker: usize,
    workers: usize,
    /// When the connections of each server are purged.
    purges: RefCell<BTreeSet<(Instant, ServerKey)>>,
    /// The servers whose connections the task that watches them has to look at.
    woken: Arc<Woken>,
}

impl Pooled {
    /// Opens an exchange on a shared connection, if it takes one.
    pub(crate) fn open(shared: &Shared) -> Option<Pooled> {
        shared.open().map(|(exchange, before)| Pooled::Exchange(exchange, shared.clone(), before))
    }
}

impl Reusable {
    fn admits(self, exchanges: u32) -> bool {
        self == Reusable::Any || exchanges > 1
    }
}

impl ServerConnections {
    /// Opens an exchange on a shared connection that takes one.
    fn open_shared(&mut self, key: &PoolKey, which: Reusable) -> Option<Pooled> {
        if self.shared.is_empty() {
            return None;
        }
        self.shared.retain(|shared| !shared.is_exclusive());
        let fits = |shared: &&Shared| shared.key == *key && which.admits(shared.exchanges());
        let pooled = self.shared.iter().filter(fits).find_map(Pooled::open)?;
        self.shared.retain(|shared| !shared.retire_used_up(&self.server));
        Some(pooled)
    }
}

impl Pool {
    /// Creates an empty pool, for one of `workers` workers.
    pub(crate) fn new(worker: usize, workers: usize) -> Pool {
        let (servers, purges, woken) = (RefCell::default(), RefCell::default(), Arc::default());
        Pool { servers, idle: Cell::new(0), worker, workers, purges, woken }
    }

    /// Keeps an idle connection, if it is still quiet and the limits allow.
    pub(crate) fn put(&self, server: &Arc<Server>, mut idle: Idle) {
        let limit = server.config().pool.most;
        if !self.woken.is_watched() || limit.is_some_and(|limit| server.idle() >= limit as usize) {
            return;
        }
        self.with(server, |connections| {
            if !idle.back.is_quiet(&mut Context::from_waker(&connections.waker)) {
                return;
            }
            let busy = server.counters().current();
            connections.need = connections.need.max(busy);
            // More connections than the server had requests at once would never be used.
            let enough = connections.need + server.config().pool.low as usize;
            if !connections.idle.is_empty() && server.idle() + busy > enough {
                return;
            }
            connections.idle.push_back(idle);
            self.count(server, 1);
        });
    }

    /// Offers a connection that carries many exchanges to all clients.
    pub(crate) fn share(&self, server: &Arc<Server>, shared: Shared) {
        if self.woken.is_watched() && !shared.retire_used_up(server) {
            self.with(server, |connections| {
                connections.shared.push(shared);
                // Woken to watch for the end of this one.
                connections.waker.wake_by_ref();
            });
        }
    }

    /// Opens an exchange on a shared connection that takes one, or takes an idle connection that is still quiet.
    pub(crate) fn take(
        &self,
        server: &Arc<Server>,
        key: &PoolKey,
        which: Reusable,
        cx: &mut Context<'_>,
    ) -> Option<Pooled> {
        let mut servers = self.servers.borrow_mut();
        let connections = servers.get_mut(&server.key())?;
        let shared = connections.open_shared(key, which);
        shared.or_else(|| self.take_idle_of(connections, key, which, cx).map(Pooled::Idle))
    }

    /// Takes an idle connection that is still quiet.
    pub(crate) fn take_idle(
        &self,
        server: &Arc<Server>,
        key: &PoolKey,
        which: Reusable,
        cx: &mut Context<'_>,
    ) -> Option<Idle> {
        let mut servers = self.servers.borrow_mut();
        self.take_idle_of(servers.get_mut(&server.key())?, key, which, cx)
    }

    fn take_idle_of(
        &self,
        connections: &mut ServerConnections,
        key: &PoolKey,
        which: Reusable,
        cx: &mut Context<'_>,
    ) -> Option<Idle> {
        loop {
            let fits = |idle: &Idle| idle.key == *key && which.admits(idle.exchanges);
            let at = connections.idle.iter().rposition(fits)?;
            let mut idle = connections.idle.remove(at)?;
            connections.least = connections.least.min(connections.idle.len());
            self.count(&connections.server, -1);
            if idle.back.is_quiet(cx) {
                return Some(idle);
            }
        }
    }

    /// Closes an idle connection, the oldest one of some server, or else a shared one without exchanges. Returns
    /// whether there was one.
    pub(crate) fn close_idle(&self) -> bool {
        self.close_oldest() || self.end_shared()
    }

    /// Closes the connections to a server that carry no exchange, and has no other exchange begin on the others.
    pub(crate) fn close_idle_of(&self, server: ServerKey) {
        let Some(mut connections) = self.servers.borrow_mut().remove(&server) else { return };
        let before = connections.idle.len();
        connections.idle.clear();
        self.closed(&mut connections, before);
        connections.shared.iter().for_each(|shared| shared.connection.stop());
    }

    fn end_shared(&self) -> bool {
        self.servers.borrow_mut().values_mut().any(|connections| {
            let at = connections.shared.iter().position(|shared| shared.connection.open() == 0);
            at.map(|at| connections.shared.swap_remove(at).connection.stop()).is_some()
        })
    }

    fn close_oldest(&self) -> bool {
        let mut servers = self.servers.borrow_mut();
        let Some(connections) = servers.values_mut().find(|connections| !connections.idle.is_empty()) else {
            return false;
        };
        connections.idle.pop_front();
        connections.least = connections.least.min(connections.idle.len());
        self.count(&connections.server, -1);
        true
    }

    /// Watches idle connections and purges them, for as long as the worker runs.
    pub(crate) async fn watch(&self) {
        let mut timer = Timer::default();
        poll_fn(|cx| -> Poll<()> {
            self.woken.watch(cx.waker());
            loop {
                self.drop_closed();
                let next = self.purges.borrow().first().map(|(at, _)| *at);
                if timer.poll(cx, next).is_pending() {
                    return Poll::Pending;
                }
                self.purge();
            }
        })
        .await;
    }

    fn with(&self, server: &Arc<Server>, change: impl FnOnce(&mut ServerConnections)) {
        let mut servers = self.servers.borrow_mut();
        let key = server.key();
        change(servers.entry(key).or_insert_with(|| {
            let purge_at = Instant::now() + server.config().pool.purge_delay;
            let mut purges = self.purges.borrow_mut();
            purges.insert((purge_at, key));
            if purges.first() == Some(&(purge_at, key)) {
                // Woken to set a timer for the purge.
                self.woken.wake_watcher();
            }
            let (idle, shared, server) = (VecDeque::new(), Vec::new(), Arc::clone(server));
            let waker = Woken::waker(&self.woken, key);
            ServerConnections { server, idle, shared, least: 0, need: 0, purge_at, waker }
        }));
    }

    /// Drops the connections that have closed, of the servers for which the watcher was woken.
    fn drop_closed(&self) {
        for key in self.woken.take() {
            let mut servers = self.servers.borrow_mut();
            let Some(connections) = servers.get_mut(&key) else { continue };
            let waker = connections.waker.clone();
            let cx = &mut Context::from_waker(&waker);
            let before = connections.idle.len();
            connections.idle.retain_mut(|idle| idle.back.is_quiet(cx));
            self.closed(connections, before);
            connections.shared.retain(|shared| shared.connection.poll_closed(cx).is_pending());
        }
    }

    fn purge(&self) {
        let now = Instant::now();
        let (mut servers, mut purges) = (self.servers.borrow_mut(), self.purges.borrow_mut());
        while let Some((at, key)) = purges.first().copied()
            && at <= now
        {
            purges.pop_first();
            // Its connections may have been closed, and new ones opened since.
            let connections = servers.get_mut(&key).filter(|connections| connections.purge_at == at);
            let Some(connections) = connections else { continue };
            let before = connections.idle.len();
            connections.idle.drain(..connections.least.div_ceil(2));
            self.closed(connections, before);
            connections.least = connections.idle.len();
            let server = &connections.server;
            connections.need = connections.need.midpoint(server.counters().current());
            connections.purge_at = now + server.config().pool.purge_delay.max(SHORTEST_PURGE);
            connections.shared.retain(|shared| !shared.is_exclusive() && !shared.retire_unused());
            if connections.idle.is_empty() && connections.shared.is_empty() {
                servers.remove(&key);
            } else {
                purges.insert((connections.purge_at, key));
            }
        }
    }

    /// Updates the counts after idle connections of a server were closed; it had `before` of them.
    fn closed(&self, connections: &mut ServerConnections, before: usize) {
        let closed = before - connections.idle.len();
        if closed > 0 {
            connections.least = connections.least.min(connections.idle.len());
            self.count(&connections.server, -closed.cast_signed());
        }
    }

    fn count(&self, server: &Server, by: isize) {
        server.idle_counts().changed(self.worker, self.workers, by);
        self.idle.set(self.idle.get().saturating_add_signed(by));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for connections in self.servers.borrow().values() {
            let idle = connections.idle.len().cast_signed();
            connections.server.idle_counts().changed(self.worker, self.workers, -idle);
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("idle", &self.idle.get()).finish_non_exhaustive()
    }
}
