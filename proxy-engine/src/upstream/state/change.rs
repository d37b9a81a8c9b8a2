//! Changes of the state of servers, and what follows from each: for the choice of servers, for sessions, for the log.

use std::sync::Arc;

use super::admin::Admin;
use super::core::Core;
use super::effects::ServerSessions;
use super::lines::{AdminLine, Left, Name, OperationalLine, no_server};
use super::operational::Operational;
use super::tracking::inherited;
use crate::observe::{Cause, LogTarget};
use crate::policy::MAX_WEIGHT;
use crate::upstream::backend::Backend;
use crate::upstream::queue::Requeued;

impl Backend {
    /// Has changes of its servers logged to a target. The first one that is set stays.
    pub fn log_states_to(&self, target: Arc<dyn LogTarget>) {
        let _ = self.effects().log.set(target);
    }

    /// Has changes of its servers end sessions on all workers. The first value that is set stays.
    pub(crate) fn end_sessions_by(&self, sessions: Arc<dyn ServerSessions>) {
        let _ = self.effects().sessions.set(sessions);
    }

    /// Puts a server out of use for one more reason. Its sessions continue; those that wait for it in vain choose again.
    /// `cause` is for the log, and may be empty.
    pub fn set_admin(self: &Arc<Self>, index: usize, reason: Admin, cause: &str) {
        let Some(server) = self.servers().get(index) else { return };
        let mut core = server.state().lock();
        if core.admin.intersects(reason) {
            return;
        }
        let before = *core;
        core.admin |= reason;
        self.admin_changed(index, &mut core, before, cause);
        if let Some(flag) = inherited(reason, before.admin) {
            server.state().tracking.tell(|tracker| tracker.inherit(flag, cause));
        }
    }

    /// Removes a reason for which a server is out of use.
    pub fn clear_admin(self: &Arc<Self>, index: usize, reason: Admin) {
        let Some(server) = self.servers().get(index) else { return };
        let mut core = server.state().lock();
        if !core.admin.intersects(reason) {
            return;
        }
        let before = *core;
        core.admin &= !reason;
        self.admin_changed(index, &mut core, before, "");
        if let Some(flag) = inherited(reason, core.admin) {
            server.state().tracking.tell(|tracker| tracker.disinherit(flag));
        }
    }

    /// Notes that a server has been given another host name.
    pub(in crate::upstream) fn note_renamed(&self, index: usize) {
        let Some(server) = self.servers().get(index) else { return };
        let mut core = server.state().lock();
        core.admin |= Admin::RENAMED;
        self.make_visible(index, &core);
    }

    /// Changes the operational state of a server. A server in maintenance keeps its own. `cause` is for the log, such as
    /// `changed from CLI` or the reason of a check, and may be empty.
    pub fn set_operational(self: &Arc<Self>, index: usize, operational: Operational, cause: &str) {
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
        let before = *core;
        core.become_operational(operational);
        let is_empty = self.publish(index, &core);
        match operational {
            Operational::Stopped if server.config().on_marked.down_ends_sessions => {
                self.effects().end_sessions(server.key(), Cause::Down);
            }
            Operational::Starting | Operational::Running => self.marked_up(index),
            Operational::Stopped | Operational::Stopping => {}
        }
        let Requeued { dismissed, called } = self.requeue(index);
        let requeued = if operational.takes_sessions() { called } else { dismissed };
        let line = OperationalLine {
            name: self.name_of(index),
            operational,
            cause,
            via: state.tracked(),
            was_stopping: before.is_stopping(),
            left: self.left(index, requeued),
        };
        self.effects().report(line.made());
        self.report_if_empty(is_empty);
        state.tracking.tell(|tracker| tracker.follow(operational));
    }

    /// Ends all sessions and exchanges of a server, on the order of an operator.
    pub fn kill_sessions(&self, index: usize) {
        if let Some(server) = self.servers().get(index) {
            self.effects().end_sessions(server.key(), Cause::Killed);
        }
    }

    /// Changes the weight of a server. One of weight 0 gets no new sessions; those in its queue continue to wait.
    pub fn set_user_weight(self: &Arc<Self>, index: usize, weight: u16) {
        let Some(server) = self.servers().get(index) else { return };
        let mut core = server.state().lock();
        core.weight = weight.min(MAX_WEIGHT);
        let is_empty = self.publish(index, &core);
        self.requeue(index);
        self.report_if_empty(is_empty);
    }

    /// Changes the limit of concurrent sessions of a server; 0 for none. Sessions beyond a lower one continue.
    pub fn set_server_maxconn(self: &Arc<Self>, index: usize, maxconn: usize) {
        let Some(server) = self.servers().get(index) else { return };
        server.slots().set(maxconn);
        self.config.balance.changed(&**self, index);
        self.requeue(index);
    }

    /// Has the algorithm follow a change of a server's address.
    pub fn address_changed(&self, index: usize) {
        if index < self.servers().len() {
            self.config.balance.changed(self, index);
        }
    }

    /// Follows a change of the administrative state.
    fn admin_changed(self: &Arc<Self>, index: usize, core: &mut Core, before: Core, cause: &str) {
        let server = &self.servers()[index];
        let settings = &server.state().settings;
        let (was, is) = (before.admin.is_in_maintenance(), core.admin.is_in_maintenance());
        match (was, is) {
            (false, true) => {
                server
                    .health()
                    .checks()
                    .results
                    .enter_maintenance(before.operational != Operational::Stopped);
                core.become_operational(Operational::Stopped);
            }
            (true, false) => {
                let is_up = server.health().checks().results.leave_maintenance(settings.init);
                core.become_operational(match settings.init {
                    _ if !is_up => Operational::Stopped,
                    Some(_) => Operational::Running,
                    None => match server.state().tracking.tracked_state() {
                        Some(down @ (Operational::Stopped | Operational::Stopping)) => down,
                        Some(_) | None => Core::up(settings),
                    },
                });
            }
            (false, false) | (true, true) => {}
        }
        let is_empty = self.publish(index, core);
        match (was, is) {
            (false, true) => {
                if before.operational != Operational::Stopped && server.config().on_marked.down_ends_sessions
                {
                    self.effects().end_sessions(server.key(), Cause::Down);
                }
                self.effects().close_idle(server.key());
            }
            (true, false) => self.marked_up(index),
            (false, false) | (true, true) => {}
        }
        let Requeued { dismissed, .. } = self.requeue(index);
        let host = server.host();
        let line = AdminLine {
            name: self.name_of(index),
            host: host.as_deref(),
            before: before.admin,
            after: core.admin,
            was_down: before.operational == Operational::Stopped,
            was_stopping: before.is_stopping(),
            is_down: core.operational == Operational::Stopped,
            cause,
            via: server.state().tracked(),
            left: self.left(index, dismissed),
        };
        line.made().for_each(|line| self.effects().report(line));
        self.report_if_empty(is_empty);
    }

    /// Ends the sessions of backup servers if a server that has become usable says so.
    fn marked_up(&self, index: usize) {
        let server = &self.servers()[index];
        let config = server.config();
        if config.on_marked.up_ends_backup_sessions && !config.backup && server.is_usable() {
            let backups = self.servers().iter().filter(|server| server.config().backup);
            backups.for_each(|backup| self.effects().end_sessions(backup.key(), Cause::Up));
        }
    }

    /// Makes workers see the state of a server that was changed. Returns whether the last usable server has gone.
    fn publish(&self, index: usize, core: &Core) -> bool {
        let is_empty = self.make_visible(index, core);
        if core.operational == Operational::Starting {
            self.slow_starts().notify_one();
        }
        is_empty
    }

    /// Makes workers see the state of a server. Returns whether the last usable server has gone.
    pub(super) fn make_visible(&self, index: usize, core: &Core) -> bool {
        let state = self.servers()[index].state();
        state.published.set(core.view(&state.settings, self.config.balance.follows_weights()));
        self.config.balance.changed(self, index);
        self.usable().changed(index, &*self.servers()[index])
    }

    fn name_of(&self, index: usize) -> Name<'_> {
        let server = &self.servers()[index];
        Name { backend: self.name(), server: server.name(), is_backup: server.config().backup }
    }

    fn left(&self, index: usize, requeued: usize) -> Left {
        let (active, backup) = self.usable_servers();
        let counters = self.servers()[index].counters();
        Left { active, backup, sessions: counters.current(), requeued, queued: counters.queued() }
    }

    fn report_if_empty(&self, is_empty: bool) {
        if is_empty {
            self.effects().report(no_server(self.config.is_listen, self.name()));
        }
    }
}
