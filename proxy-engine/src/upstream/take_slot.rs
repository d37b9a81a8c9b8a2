//! Taking and releasing slots, and what the balancing algorithm learns of it.

use super::backend::Backend;

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
            self.sessions().inspect(|sessions| sessions.arrived());
            self.load_changed(index);
        }
        is_taken
    }

    /// Counts that a session has left a server.
    pub(super) fn leave_slot(&self, index: usize) {
        self.servers()[index].counters().left();
        self.sessions().inspect(|sessions| sessions.left());
        self.load_changed(index);
    }

    /// Tells the algorithm that the load of a server has changed, if it asks for that.
    pub(super) fn load_changed(&self, index: usize) {
        if self.tells_load() {
            self.config.balance.load_changed(&*self.servers()[index], index);
        }
    }
}
