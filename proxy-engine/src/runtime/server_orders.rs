//! Orders to all workers about a server: to end its sessions, or to close its idle connections.
//!
//! The one who gives an order does not wait, and orders about the same server are merged, so no more wait than there are
//! servers.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::connection::WorkerContext;
use crate::observe::Cause;
use crate::upstream::ServerKey;
use crate::upstream::state::ServerSessions;

/// The orders that wait for one worker.
#[derive(Debug, Default)]
pub(crate) struct ServerOrders {
    waiting: Mutex<BTreeMap<ServerKey, Order>>,
    given: Notify,
}

/// What is to be done about a server.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    end_sessions: Option<Cause>,
    close_idle: bool,
}

/// The orders of all workers.
#[derive(Debug)]
pub(crate) struct AllOrders(pub(crate) Arc<[Arc<ServerOrders>]>);

impl AllOrders {
    fn give(&self, server: ServerKey, add: impl Fn(&mut Order)) {
        for orders in &*self.0 {
            add(orders.waiting.lock().unwrap_or_else(PoisonError::into_inner).entry(server).or_default());
            orders.given.notify_one();
        }
    }
}

impl ServerSessions for AllOrders {
    fn end(&self, server: ServerKey, cause: Cause) {
        self.give(server, |order| order.end_sessions = Some(cause));
    }

    fn close_idle(&self, server: ServerKey) {
        self.give(server, |order| order.close_idle = true);
    }
}

impl ServerOrders {
    /// Carries out orders for as long as the worker runs.
    pub(crate) async fn carry_out(&self, worker: &WorkerContext) {
        loop {
            self.given.notified().await;
            let waiting = mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            for (server, Order { end_sessions, close_idle }) in waiting {
                if let Some(cause) = end_sessions {
                    worker.registry.kill_activities(cause, |activity| activity.is_led_to(server));
                }
                if close_idle {
                    worker.pool.close_idle_of(server);
                }
            }
        }
    }
}
