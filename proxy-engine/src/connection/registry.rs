//! All connections, sessions and exchanges of a worker, so that commands can list, describe and kill them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use slab::Slab;

use super::activity::{Activity, Ids};
use super::status::ConnectionStatus;
use crate::observe::Cause;

/// The low bits of an identifier, which name the worker that issued it; `nbthread` goes up to 1,024.
const WORKER_BITS: u32 = 10;
/// The most ended sessions, and the most ended exchanges, whose memory is kept for reuse.
const SPARE: usize = 512;

/// The connections, sessions and exchanges of a worker.
pub(crate) struct Registry {
    worker: usize,
    workers: usize,
    last_id: Cell<u64>,
    /// The number of sessions and exchanges so far.
    begun: Cell<u32>,
    activities: RefCell<Slab<Rc<Activity>>>,
    connections: RefCell<Slab<Rc<ConnectionStatus>>>,
    /// Ended sessions and ended exchanges whose memory is kept for reuse.
    spare: [RefCell<Vec<Rc<Activity>>>; 2],
}

/// Returns the index of the worker that issued an identifier.
pub(crate) fn worker_of(id: u64) -> usize {
    (id & ((1 << WORKER_BITS) - 1)) as usize
}

impl Registry {
    pub(crate) fn new(worker: usize, workers: usize) -> Registry {
        Registry {
            worker,
            workers,
            last_id: Cell::new(0),
            begun: Cell::new(0),
            activities: RefCell::default(),
            connections: RefCell::default(),
            spare: Default::default(),
        }
    }

    /// Returns an identifier that is unique among the connections, sessions and exchanges of the process.
    pub(crate) fn next_id(&self) -> u64 {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        (id << WORKER_BITS) | self.worker as u64
    }

    /// Returns the numbers of the next session or exchange.
    pub(super) fn next_ids(&self) -> Ids {
        let begun = self.begun.get();
        self.begun.set(begun.wrapping_add(1));
        // Each worker has every n-th number, so that they are unique without synchronisation.
        let number = begun.wrapping_mul(self.workers as u32).wrapping_add(self.worker as u32);
        Ids { id: self.next_id(), number }
    }

    pub(super) fn enter(&self, activity: Rc<Activity>) -> usize {
        self.activities.borrow_mut().insert(activity)
    }

    pub(super) fn leave(&self, key: usize) {
        let activity = self.activities.borrow_mut().remove(key);
        let mut spare = self.spare[usize::from(activity.meter.borrow().is_exchange())].borrow_mut();
        if spare.len() < SPARE {
            spare.push(activity);
        }
    }

    /// Returns an ended session whose memory may be reused.
    pub(super) fn spare_session(&self) -> Option<Rc<Activity>> {
        self.spare[0].borrow_mut().pop()
    }

    /// Returns an ended exchange whose memory may be reused.
    pub(super) fn spare_exchange(&self) -> Option<Rc<Activity>> {
        self.spare[1].borrow_mut().pop()
    }

    /// Lists a connection. Returns the key for `unlist`.
    pub(super) fn list(&self, connection: Rc<ConnectionStatus>) -> usize {
        self.connections.borrow_mut().insert(connection)
    }

    pub(super) fn unlist(&self, key: usize) {
        self.connections.borrow_mut().remove(key);
    }

    /// Passes sessions and exchanges to `take`, from an index on. Returns the index of the first one that it refuses.
    pub(crate) fn activities(&self, from: usize, mut take: impl FnMut(&Activity) -> bool) -> Option<usize> {
        let activities = self.activities.borrow();
        let rest = (from..activities.capacity()).filter_map(|key| Some((key, activities.get(key)?)));
        for (key, activity) in rest {
            if !take(activity) {
                return Some(key);
            }
        }
        None
    }

    /// Passes connections of mode http to `take`, likewise.
    pub(crate) fn connections(
        &self,
        from: usize,
        mut take: impl FnMut(&ConnectionStatus) -> bool,
    ) -> Option<usize> {
        let connections = self.connections.borrow();
        let rest = (from..connections.capacity()).filter_map(|key| Some((key, connections.get(key)?)));
        for (key, connection) in rest {
            if !take(connection) {
                return Some(key);
            }
        }
        None
    }

    /// Adds the bytes of running sessions and exchanges, from the client and to it, to those of their connections; the
    /// keys are identifiers of connections.
    pub(crate) fn add_bytes(&self, connections: &mut HashMap<u64, (u64, u64)>) {
        for (_, activity) in self.activities.borrow().iter() {
            if let Some(sum) = connections.get_mut(&activity.connection_id()) {
                let (received, sent) = activity.bytes();
                *sum = (sum.0 + received, sum.1 + sent);
            }
        }
    }

    /// Kills the sessions and exchanges for which `is_meant` holds. Returns their number.
    pub(crate) fn kill_activities(&self, cause: Cause, is_meant: impl Fn(&Activity) -> bool) -> usize {
        let activities = self.activities.borrow();
        activities
            .iter()
            .filter(|(_, activity)| is_meant(activity))
            .map(|(_, activity)| activity.kill.kill(cause))
            .count()
    }

    /// Kills a connection and its exchanges. Returns whether there is a connection with this identifier.
    pub(crate) fn kill_connection(&self, id: u64) -> bool {
        let connections = self.connections.borrow();
        let Some((_, connection)) = connections.iter().find(|(_, connection)| connection.id == id) else {
            return false;
        };
        // Exchanges first: they log how they ended.
        self.kill_activities(Cause::Killed, |activity| activity.connection().id == id);
        connection.kill.kill(Cause::Killed);
        true
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("activities", &self.activities.borrow().len())
            .finish_non_exhaustive()
    }
}
