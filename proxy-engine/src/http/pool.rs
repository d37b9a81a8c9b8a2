//! Idle connections to servers: each worker has its own, and may ask the others for theirs.
//!
//! What is idle is watched: a connection that its server closes, or on which it speaks without being asked, is let go
//! of at once. Every `pool-purge-delay` half of those go that were idle all the time since the last look.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proto_core::address::Address;
use tokio::time::Instant;

use super::alarm::Alarm;
use super::buffers::Buffers;
use super::exchange::BackExchange;
use crate::server::Server;

/// Idle connections are looked at no more often than this.
const SHORTEST_PURGE: Duration = Duration::from_millis(10);

/// A connection to a server that waits for its next exchange.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) back: Box<dyn BackExchange>,
    /// Where it leads: clients of one server may be led to several addresses.
    pub(crate) address: Address,
    /// Exchanges that it has carried.
    pub(crate) exchanges: u32,
}

/// Idle connections to one server.
#[derive(Debug)]
struct Line {
    server: Arc<Server>,
    /// The one that was used last is at the back.
    idle: VecDeque<Idle>,
    /// The fewest since the last purge.
    least: usize,
    /// The most requests that the server had at once, of late.
    need: usize,
    purge_at: Instant,
}

/// The idle connections of a worker.
pub(crate) struct Pool {
    /// By the address of the server, which the line keeps alive.
    lines: RefCell<HashMap<usize, Line>>,
    count: Cell<usize>,
    /// Whose they are.
    worker: usize,
    /// Whoever looks after them.
    keeper: RefCell<Option<Waker>>,
}

/// Which of the idle connections may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Any.
    Any,
    /// Those that have carried more than one exchange: their servers are known to keep connections open.
    Proven,
}

impl Pool {
    /// An empty one, of a worker.
    pub(crate) fn new(worker: usize) -> Pool {
        Pool { lines: RefCell::default(), count: Cell::new(0), worker, keeper: RefCell::default() }
    }

    /// Puts a connection by, if it is still quiet and there is room.
    pub(crate) fn put(&self, server: &Arc<Server>, mut idle: Idle, buffers: &Buffers) {
        let Some(keeper) = self.keeper.borrow().clone() else { return };
        if !idle.back.is_quiet(&mut Context::from_waker(&keeper)) {
            return;
        }
        let limit = server.config().pool.most;
        if limit.is_some_and(|limit| server.idle() >= limit as usize) {
            return;
        }
        let mut lines = self.lines.borrow_mut();
        let line = lines.entry(key(server)).or_insert_with(|| {
            // It has to wake up for the purge.
            keeper.wake_by_ref();
            let purge_at = Instant::now() + server.config().pool.purge_delay;
            Line { server: Arc::clone(server), idle: VecDeque::new(), least: 0, need: 0, purge_at }
        });
        let busy = server.tally().current();
        line.need = line.need.max(busy);
        // More than were ever needed at once would never be used.
        if !line.idle.is_empty() && server.idle() + busy > line.need + server.config().pool.low as usize {
            return;
        }
        idle.back.rest(buffers);
        line.idle.push_back(idle);
        server.idle_changed(self.worker, 1);
        self.count.set(self.count.get() + 1);
    }

    /// Takes one out that is still quiet.
    pub(crate) fn take(
        &self,
        server: &Arc<Server>,
        address: &Address,
        which: Which,
        cx: &mut Context<'_>,
    ) -> Option<Idle> {
        let mut lines = self.lines.borrow_mut();
        let line = lines.get_mut(&key(server))?;
        loop {
            let may_be =
                |idle: &Idle| idle.address == *address && (which == Which::Any || idle.exchanges > 1);
            let at = line.idle.iter().rposition(may_be)?;
            let mut idle = line.idle.remove(at)?;
            line.least = line.least.min(line.idle.len());
            server.idle_changed(self.worker, -1);
            self.count.set(self.count.get() - 1);
            if idle.back.is_quiet(cx) {
                return Some(idle);
            }
        }
    }

    /// Lets go of one, whichever is oldest in its line. Whether there was one.
    pub(crate) fn drop_one(&self) -> bool {
        let mut lines = self.lines.borrow_mut();
        let Some(line) = lines.values_mut().find(|line| !line.idle.is_empty()) else { return false };
        line.idle.pop_front();
        line.least = line.least.min(line.idle.len());
        line.server.idle_changed(self.worker, -1);
        self.count.set(self.count.get() - 1);
        true
    }

    /// Looks after them, for as long as the worker runs.
    pub(crate) async fn keep(&self) {
        let mut alarm = Alarm::new();
        poll_fn(|cx| -> Poll<()> {
            *self.keeper.borrow_mut() = Some(cx.waker().clone());
            loop {
                self.drop_closed(cx);
                let next = self.lines.borrow().values().map(|line| line.purge_at).min();
                if alarm.poll(cx, next).is_pending() {
                    return Poll::Pending;
                }
                self.purge();
            }
        })
        .await;
    }

    fn drop_closed(&self, cx: &mut Context<'_>) {
        for line in self.lines.borrow_mut().values_mut() {
            let before = line.idle.len();
            line.idle.retain_mut(|idle| idle.back.is_quiet(cx));
            self.gone(line, before);
        }
    }

    fn purge(&self) {
        let now = Instant::now();
        let mut lines = self.lines.borrow_mut();
        lines.retain(|_, line| {
            if line.purge_at > now {
                return true;
            }
            let before = line.idle.len();
            line.idle.drain(..line.least.div_ceil(2));
            self.gone(line, before);
            line.least = line.idle.len();
            line.need = line.need.midpoint(line.server.tally().current());
            line.purge_at = now + line.server.config().pool.purge_delay.max(SHORTEST_PURGE);
            !line.idle.is_empty()
        });
    }

    /// Counts those that have gone out of a line that had so many before.
    fn gone(&self, line: &mut Line, before: usize) {
        let gone = before - line.idle.len();
        if gone > 0 {
            line.least = line.least.min(line.idle.len());
            line.server.idle_changed(self.worker, -gone.cast_signed());
            self.count.set(self.count.get() - gone);
        }
    }
}

fn key(server: &Arc<Server>) -> usize {
    Arc::as_ptr(server).addr()
}

impl Drop for Pool {
    fn drop(&mut self) {
        for line in self.lines.borrow().values() {
            line.server.idle_changed(self.worker, -line.idle.len().cast_signed());
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("count", &self.count.get()).finish_non_exhaustive()
    }
}
