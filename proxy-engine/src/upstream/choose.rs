//! Chooses a server for a session or exchange, and takes a slot or a position in a queue. The algorithms are in
//! `balance/`.

use std::sync::Arc;

use super::backend::Backend;
use super::queue::Waiting;
use proxy_rules::Priority;

use super::queue_lines::{Claim, Queue, Standing};
use super::server::Server;
use super::slot::ServerSlot;
use crate::balance::{Candidates, Group, Requester};

/// The result of choosing a server.
#[derive(Debug)]
pub(crate) enum Assigned {
    /// A slot of a server.
    Slot(ServerSlot),
    /// A position in a queue.
    Waiting(Waiting),
    /// The chosen server is full, and so is its queue.
    Full(Arc<Server>),
    /// No server is usable.
    NoServer,
}

impl Backend {
    /// Chooses a server for a session without a priority, or a queue.
    #[cfg(test)]
    pub(crate) fn assign(self: &Arc<Self>, requester: Requester<'_>, avoid: Option<usize>) -> Assigned {
        self.assign_any(requester, avoid, Priority::default())
    }

    /// Chooses a server for a session, or a queue.
    pub(crate) fn assign_any(
        self: &Arc<Self>,
        requester: Requester<'_>,
        avoid: Option<usize>,
        priority: Priority,
    ) -> Assigned {
        let standing = Standing { claim: Claim::Balanced, priority };
        let balance = &self.config.balance;
        let group = self.group();
        let chosen = match group {
            Group::Empty => return Assigned::NoServer,
            Group::One(index) => Some(index),
            Group::Primaries | Group::Backups => {
                if balance.is_full_with_a_queue() && self.counters().queued() > 0 {
                    None
                } else {
                    balance.choose(&Candidates { servers: &**self, group, avoid, requester })
                }
            }
        };
        let Some(index) = chosen else {
            return Assigned::Waiting(self.join(Queue::Backend, standing));
        };
        self.assign_there(index, standing)
    }

    /// Assigns a session to this server, whatever its state: it gets a slot, or waits for one.
    pub(crate) fn assign_there(self: &Arc<Self>, index: usize, standing: Standing) -> Assigned {
        let server = &self.servers()[index];
        if let Some(slot) = self.slot(index) {
            return Assigned::Slot(slot);
        }
        let maxqueue = server.config().maxqueue.unwrap_or(0);
        if maxqueue > 0 && server.counters().queued() >= maxqueue {
            return Assigned::Full(Arc::clone(server));
        }
        Assigned::Waiting(self.join(Queue::Server(index), standing))
    }

    /// Assigns a session to a preferred server. Returns `None` if that one is unusable or has no free slot.
    pub(crate) fn assign_to(self: &Arc<Self>, index: usize) -> Option<Assigned> {
        let usable = self.servers().get(index).is_some_and(|server| server.is_usable());
        usable.then(|| self.slot(index)).flatten().map(Assigned::Slot)
    }

    /// Takes a slot, if one is free and no session waits for it.
    fn slot(self: &Arc<Self>, index: usize) -> Option<ServerSlot> {
        let server = &self.servers()[index];
        (server.counters().queued() == 0).then(|| self.free_slot(index)).flatten()
    }

    /// Takes a slot, if one is free.
    fn free_slot(self: &Arc<Self>, index: usize) -> Option<ServerSlot> {
        self.try_take_slot(index).then(|| ServerSlot::new(self, index))
    }
}
