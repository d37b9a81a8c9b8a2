//! Taking and releasing slots, and what the balancing algorithm learns of it.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::backend::Backend;

/// The number of sessions that hold slots of the servers of a backend, on a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct SlotCount(AtomicUsize);

impl SlotCount {
    pub(super) fn get(&self) -> usize {
        self.0.load(Relaxed)
    }
}

impl Backend {
    /// Counts a session at a server, if its limit allows. Returns whether it does.
    pub(super) fn try_take_slot(&self, index: usize) -> bool {
        let server = &self.servers()[index];
        let is_taken = match server.limit() {
            None => {
                server.counters().arrived();
                true
            }
            Some(limit) => server.counters().try_arrive(limit),
        };
        if is_taken {
            if let Some(SlotCount(sessions)) = self.sessions() {
                sessions.fetch_add(1, Relaxed);
            }
            self.load_changed(index);
        }
        is_taken
    }

    /// Counts that a session has left a server.
    pub(super) fn leave_slot(&self, index: usize) {
        self.servers()[index].counters().left();
        if let Some(SlotCount(sessions)) = self.sessions() {
            sessions.fetch_sub(1, Relaxed);
        }
        self.load_changed(index);
    }

    /// Tells the algorithm that the load of a server has changed, if it asks for that.
    pub(super) fn load_changed(&self, index: usize) {
        if self.tells_load() {
            self.config.balance.load_changed(&*self.servers()[index], index);
        }
    }
}
