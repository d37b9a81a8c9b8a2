//! All connections, sessions and exchanges that live on a worker, so that they can be listed, described and killed.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use slab::Slab;

use super::activity::{Activity, Ids};
use super::status::ConnectionStatus;

/// Bits of a number that say which worker gave it; `nbthread` goes up to 1,024.
const WORKER_BITS: u32 = 10;
/// How many sessions and how many exchanges that have ended are kept to be used again.
const SPARE: usize = 512;

/// What lives on a worker.
pub(crate) struct Registry {
    worker: usize,
    workers: usize,
    last_id: Cell<u64>,
    /// Sessions and exchanges so far.
    begun: Cell<u32>,
    activities: RefCell<Slab<Rc<Activity>>>,
    connections: RefCell<Slab<Rc<ConnectionStatus>>>,
    /// Ended ones, to be used again: sessions, and exchanges.
    spare: [RefCell<Vec<Rc<Activity>>>; 2],
}

/// The worker that gave a number.
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

    /// A number that no other connection, session or exchange of the process has had.
    pub(crate) fn next_id(&self) -> u64 {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        (id << WORKER_BITS) | self.worker as u64
    }

    /// What the next session or exchange is known by.
    pub(super) fn next_ids(&self) -> Ids {
        let begun = self.begun.get();
        self.begun.set(begun.wrapping_add(1));
        // Workers take turns, so that no two use the same number and none of them has to ask.
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

    /// A session that has ended, to be used again.
    pub(super) fn spare_session(&self) -> Option<Rc<Activity>> {
        self.spare[0].borrow_mut().pop()
    }

    /// An exchange that has ended, to be used again.
    pub(super) fn spare_exchange(&self) -> Option<Rc<Activity>> {
        self.spare[1].borrow_mut().pop()
    }

    /// Lists a connection. Returns the key that takes it off the list.
    pub(super) fn list(&self, connection: Rc<ConnectionStatus>) -> usize {
        self.connections.borrow_mut().insert(connection)
    }

    pub(super) fn unlist(&self, key: usize) {
        self.connections.borrow_mut().remove(key);
    }

    /// Sessions and exchanges from an index on, until one is refused; returns the index of that one.
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

    /// The same for connections of mode http.
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

    /// Adds the bytes of living sessions and exchanges, from the client and to it, to those of their connections, which
    /// are known by number.
    pub(crate) fn add_bytes(&self, connections: &mut HashMap<u64, (u64, u64)>) {
        for (_, activity) in self.activities.borrow().iter() {
            if let Some(sum) = connections.get_mut(&activity.connection_id()) {
                let (received, sent) = activity.bytes();
                *sum = (sum.0 + received, sum.1 + sent);
            }
        }
    }

    /// Ends sessions and exchanges. Returns how many there were.
    pub(crate) fn kill_activities(&self, is_meant: impl Fn(&Activity) -> bool) -> usize {
        let activities = self.activities.borrow();
        activities
            .iter()
            .filter(|(_, activity)| is_meant(activity))
            .map(|(_, activity)| activity.kill.kill())
            .count()
    }

    /// Ends a connection and its exchanges. Returns whether there is one of this number.
    pub(crate) fn kill_connection(&self, id: u64) -> bool {
        let connections = self.connections.borrow();
        let Some((_, connection)) = connections.iter().find(|(_, connection)| connection.id == id) else {
            return false;
        };
        // Exchanges first: they log how they ended.
        self.kill_activities(|activity| activity.connection().id == id);
        connection.kill.kill();
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
