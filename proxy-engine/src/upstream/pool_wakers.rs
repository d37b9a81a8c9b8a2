//! The wakers of pooled connections: each tells for which server it was woken, so that the task that watches them looks at
//! the connections of that one, and not at all.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use super::server::ServerKey;

/// The servers whose connections are to be looked at, and the task that does it. Nearly always only the worker of the pool
/// takes the locks.
#[derive(Debug, Default)]
pub(super) struct Woken {
    servers: Mutex<BTreeSet<ServerKey>>,
    watcher: Mutex<Option<Waker>>,
}

/// The waker of the connections to one server.
#[derive(Debug)]
struct OfServer {
    key: ServerKey,
    woken: Arc<Woken>,
}

impl Woken {
    /// Returns the waker of the connections to a server.
    pub(super) fn waker(woken: &Arc<Woken>, key: ServerKey) -> Waker {
        Waker::from(Arc::new(OfServer { key, woken: Arc::clone(woken) }))
    }

    /// Sets the task that watches.
    pub(super) fn watch(&self, watcher: &Waker) {
        let mut known = lock(&self.watcher);
        if !known.as_ref().is_some_and(|known| known.will_wake(watcher)) {
            *known = Some(watcher.clone());
        }
    }

    /// Returns whether a task watches.
    pub(super) fn is_watched(&self) -> bool {
        lock(&self.watcher).is_some()
    }

    /// Wakes the task that watches.
    pub(super) fn wake_watcher(&self) {
        if let Some(watcher) = &*lock(&self.watcher) {
            watcher.wake_by_ref();
        }
    }

    /// Returns the servers for which it was woken since the last call.
    pub(super) fn take(&self) -> BTreeSet<ServerKey> {
        std::mem::take(&mut *lock(&self.servers))
    }
}

impl Wake for OfServer {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        lock(&self.woken.servers).insert(self.key);
        self.woken.wake_watcher();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
