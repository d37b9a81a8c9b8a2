//! Changes of the state of servers, and what follows from each for the sessions that wait.

use std::sync::Arc;

use super::admin::Admin;
use super::core::Core;
use super::operational::Operational;
use crate::policy::MAX_WEIGHT;
use crate::upstream::backend::Backend;

impl Backend {
    /// Puts a server out of use for one more reason. Its sessions continue; those that wait for it in vain choose again.
    pub fn set_admin(self: &Arc<Self>, index: usize, reason: Admin) {
        let Some(server) = self.servers().get(index) else { return };
        let mut core = server.state().lock();
        if core.admin.intersects(reason) {
            return;
        }
        let before = core.admin;
        core.admin |= reason;
        self.admin_changed(index, &mut core, before);
    }

    /// Removes a reason for which a server is out of use.
    pub fn clear_admin(self: &Arc<Self>, index: usize, reason: Admin) {
        let Some(server) = self.servers().get(index) else { return };
        let mut core = server.state().lock();
        if !core.admin.intersects(reason) {
            return;
        }
        let before = core.admin;
        core.admin &= !reason;
        self.admin_changed(index, &mut core, before);
    }

    /// Changes the operational state of a server. A server in maintenance keeps its own.
    pub fn set_operational(self: &Arc<Self>, index: usize, operational: Operational) {
        let Some(server) = self.servers().get(index) else { return };
        let state = server.state();
        let mut core = state.lock();
        let operational = match operational {
            Operational::Starting | Operational::Running if core.operational.takes_sessions() => return,
            Operational::Starting | Operational::Running => Core::up(&state.settings),
            down => down,
        };
        if core.admin.is_in_maintenance() || core.operational == operational {
            return;
        }
        core.become_operational(operational);
        self.publish(index, &core);
        self.requeue(index);
    }

    /// Changes the weight of a server. One of weight 0 gets no new sessions; those in its queue continue to wait.
    pub fn set_user_weight(self: &Arc<Self>, index: usize, weight: u16) {
        let Some(server) = self.servers().get(index) else { return };
        let mut core = server.state().lock();
        core.weight = weight.min(MAX_WEIGHT);
        self.publish(index, &core);
        self.requeue(index);
    }

    /// Follows a change of the administrative state.
    fn admin_changed(self: &Arc<Self>, index: usize, core: &mut Core, before: Admin) {
        let settings = &self.servers()[index].state().settings;
        match (before.is_in_maintenance(), core.admin.is_in_maintenance()) {
            (false, true) => core.become_operational(Operational::Stopped),
            (true, false) => core.become_operational(match settings.init {
                Some(init) if init.is_up() => Operational::Running,
                Some(_) => Operational::Stopped,
                None => Core::up(settings),
            }),
            (false, false) | (true, true) => {}
        }
        self.publish(index, core);
        self.requeue(index);
    }

    /// Makes workers see the state of a server that was changed.
    fn publish(&self, index: usize, core: &Core) {
        self.make_visible(index, core);
        if core.operational == Operational::Starting {
            self.slow_starts().notify_one();
        }
    }

    /// Makes workers see the state of a server.
    pub(super) fn make_visible(&self, index: usize, core: &Core) {
        let state = self.servers()[index].state();
        state.published.set(core.view(&state.settings, self.config.balance.follows_weights()));
        self.usable().changed(|| self.look_for_usable());
    }
}
