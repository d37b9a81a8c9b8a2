//! The entry of a session or exchange in its worker's registry.

use std::ops::Deref;
use std::rc::Rc;

use super::activity::Activity;
use super::client::ClientConnection;
use super::worker::WorkerContext;
use crate::observe::Began;

/// An entry of a session or exchange in its worker's registry. Dropping it removes the entry.
#[derive(Debug)]
pub(crate) struct Registered {
    activity: Rc<Activity>,
    worker: Rc<WorkerContext>,
    key: usize,
}

impl Registered {
    /// Begins an exchange of HTTP, in the memory of an ended one if there is any.
    pub(crate) fn exchange(connection: &ClientConnection, began: Began) -> Registered {
        let (worker, status) = (&connection.worker, &connection.status);
        let ids = worker.registry.next_ids();
        let activity = match worker.registry.spare_exchange() {
            Some(spare) => spare.restarted(ids, status, began),
            None => Rc::new(Activity::exchange(ids, &worker.view, status, began)),
        };
        Registered::of(worker, activity)
    }

    /// Begins a session of mode tcp, in the memory of an ended one if there is any.
    pub(crate) fn session(connection: &ClientConnection, began: Began) -> Registered {
        let (worker, status) = (&connection.worker, &connection.status);
        let ids = worker.registry.next_ids();
        let activity = match worker.registry.spare_session() {
            Some(spare) => spare.restarted(ids, status, began),
            None => Rc::new(Activity::session(ids, &worker.view, status, began)),
        };
        Registered::of(worker, activity)
    }

    /// Returns the session or exchange without borrowing this entry.
    pub(crate) fn activity(&self) -> Rc<Activity> {
        Rc::clone(&self.activity)
    }

    fn of(worker: &Rc<WorkerContext>, activity: Rc<Activity>) -> Registered {
        let key = worker.registry.enter(Rc::clone(&activity));
        Registered { activity, worker: Rc::clone(worker), key }
    }
}

impl Deref for Registered {
    type Target = Activity;

    fn deref(&self) -> &Activity {
        &self.activity
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.activity.meter.borrow_mut().left();
        self.worker.registry.leave(self.key);
    }
}
