//! What commands see of the health of a server, and change about it.

use std::sync::Arc;

use proxy_health::{CheckSource, CheckState, Outcome};

use super::target::CheckSettings;
use crate::upstream::backend::Backend;
use crate::upstream::server::Server;
use crate::upstream::state::Operational;

/// A check and its last result, in the numbers of state files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckNumbers {
    /// The status.
    pub status: u8,
    /// Whether the check has failed or passed.
    pub result: u8,
    /// The number of consecutive results.
    pub health: u32,
    /// Whether the check runs.
    pub state: u8,
}

impl Server {
    /// Begins a run of a check, unless it rests. An agent may end the maintenance of its server, and is asked meanwhile.
    pub(super) fn begin_check(&self, source: CheckSource) -> Option<CheckSettings> {
        if source == CheckSource::Health && self.view().admin.is_in_maintenance() {
            return None;
        }
        let mut checks = self.health().checks();
        checks.results.get_mut(source)?.state |= CheckState::IN_PROGRESS;
        Some(checks.settings(source).clone())
    }

    /// Ends a run of a check.
    pub(super) fn end_check(&self, source: CheckSource) {
        self.health().checks().results.any_mut(source).state &= !CheckState::IN_PROGRESS;
    }

    /// Returns one of its checks, also one that is not configured.
    pub fn check_numbers(&self, source: CheckSource) -> CheckNumbers {
        let checks = self.health().checks();
        let check = checks.results.any(source);
        let result = match check.outcome() {
            Outcome::Unknown => 0,
            Outcome::Neutral => 1,
            Outcome::Failed => 2,
            Outcome::Passed => 3,
            Outcome::Conditional => 4,
        };
        let status = check.last.status.number();
        CheckNumbers { status, result, health: check.tally.health(), state: check.state.bits() }
    }

    /// Returns whether one of its checks is configured, and whether it is enabled.
    pub fn has_check(&self, source: CheckSource) -> (bool, bool) {
        let checks = self.health().checks();
        let check = checks.results.any(source);
        (check.is_configured(), check.is_enabled())
    }

    /// Enables or disables one of its checks. One that is disabled has no effect, and begins no new run.
    pub fn enable_check(&self, source: CheckSource, is_enabled: bool) {
        let mut checks = self.health().checks();
        let init = self.config().init_state;
        let check = checks.results.any_mut(source);
        check.state.set(CheckState::ENABLED, is_enabled);
        if let (CheckSource::Health, true, Some(init)) = (source, is_enabled, init) {
            init.apply(&mut check.tally);
        }
    }
}

impl Backend {
    /// Takes a server for up or down, until as many checks from this source as usual say otherwise. `cause` is for the
    /// log.
    pub fn set_health(
        self: &Arc<Self>,
        index: usize,
        source: CheckSource,
        operational: Operational,
        cause: &str,
    ) {
        let Some(server) = self.servers().get(index) else { return };
        let mut checks = server.health().checks();
        let tally = &mut checks.results.any_mut(source).tally;
        match operational {
            Operational::Stopped => tally.empty(),
            Operational::Starting | Operational::Running | Operational::Stopping => tally.fill(),
        }
        drop(checks);
        self.set_operational(index, operational, cause);
    }
}
