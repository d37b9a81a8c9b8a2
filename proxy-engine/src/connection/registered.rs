//! A session or exchange in its worker's registry, for as long as it lives.

use std::ops::Deref;
use std::rc::Rc;

use super::activity::Activity;
use super::client::ClientConnection;
use super::worker::WorkerContext;
use crate::observe::Began;

/// A session or exchange in its worker's registry. Dropped, it is neither listed nor killed any more.
#[derive(Debug)]
pub(crate) struct Registered {
    activity: Rc<Activity>,
    worker: Rc<WorkerContext>,
    key: usize,
}

impl Registered {
    /// Begins an exchange of HTTP, in the memory of one that has ended if there is any.
    pub(crate) fn exchange(connection: &ClientConnection, began: Began) -> Registered {
        let (worker, status) = (&connection.worker, &connection.status);
        let ids = worker.registry.next_ids();
        let activity = match worker.registry.spare_exchange() {
            Some(spare) => spare.restarted(ids, status, began),
            None => Rc::new(Activity::exchange(ids, &worker.view, status, began)),
        };
        Registered::of(worker, activity)
    }

    /// Begins a session of mode tcp. Its memory is used again, too.
    pub(crate) fn session(connection: &ClientConnection, began: Began) -> Registered {
        let (worker, status) = (&connection.worker, &connection.status);
        let ids = worker.registry.next_ids();
        let activity = match worker.registry.spare_session() {
            Some(spare) => spare.restarted(ids, status, began),
            None => Rc::new(Activity::session(ids, &worker.view, status, began)),
        };
        Registered::of(worker, activity)
    }

    /// The session or exchange, to be looked at while this is borrowed.
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
