//! The health check and the agent check of a server, and how both together change its condition.

use bitflags::bitflags;

use super::condition::{InitState, ServerCondition};
use super::tally::Tally;
use crate::result::CheckResult;
use crate::status::{Outcome, Status};

/// One of the two checks of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckSource {
    /// The check of the service itself.
    Health,
    /// The check that asks an agent about it.
    Agent,
}

bitflags! {
    /// Whether a check runs. The bits are those that HAProxy writes into state files.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct CheckState: u8 {
        /// It has begun, and has no result yet.
        const IN_PROGRESS = 0x01;
        /// The configuration says how.
        const CONFIGURED = 0x02;
        /// The check is enabled.
        const ENABLED = 0x04;
        /// It rests while the server is in maintenance.
        const PAUSED = 0x08;
        /// It asks an agent.
        const AGENT = 0x10;
    }
}

/// A check, its last result, and what its results amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked {
    /// The consecutive results. Of a check that is not configured, only state files tell them.
    pub tally: Tally,
    /// The last result.
    pub last: CheckResult,
    /// Whether it runs.
    pub state: CheckState,
}

impl Tracked {
    /// Creates a check without results.
    pub fn new(tally: Tally, state: CheckState) -> Tracked {
        Tracked { tally, last: CheckResult::new(Status::Initializing), state }
    }

    /// Returns whether its results count.
    pub fn is_enabled(&self) -> bool {
        self.state.contains(CheckState::ENABLED)
    }

    /// Returns whether the configuration says how to check.
    pub fn is_configured(&self) -> bool {
        self.state.contains(CheckState::CONFIGURED)
    }

    /// Returns the effect of the last result, as state files tell it: that of a check in progress is unknown.
    pub fn outcome(&self) -> Outcome {
        match self.state.contains(CheckState::IN_PROGRESS) {
            true => Outcome::Unknown,
            false => self.last.status.outcome(),
        }
    }
}

/// The checks of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    health: Tracked,
    agent: Tracked,
}

/// What recording a result has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Whether the result is worth a line (`option log-health-checks`): the status is another one, or the result has
    /// moved the tally.
    pub report: bool,
    /// Whether the result counts as a failed check in statistics.
    pub counts_as_failed: bool,
    /// Whether the check has passed: errors that were observed before do not count any more.
    pub clears_errors: bool,
}

/// What a transition depends on besides the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The condition of the server.
    pub condition: ServerCondition,
    /// Whether the server is in maintenance.
    pub in_maintenance: bool,
    /// Whether it tracks a server that is down.
    pub tracks_stopped: bool,
}

/// A change of the condition of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// It goes down.
    Stop,
    /// It comes up: [`ServerCondition::Starting`] if it has a slow start, else [`ServerCondition::Running`].
    Start,
    /// It gets no new clients any more.
    Drain,
}

impl Default for Checks {
    fn default() -> Checks {
        Checks::new(None, None, None, Tally::UNCHECKED)
    }
}

impl Checks {
    /// Creates the checks of a server, of which those are enabled that have a tally. `init` is what the server is taken for
    /// until its health check says otherwise, and `unchecked` the tally of one without a health check.
    pub fn new(
        health: Option<Tally>,
        agent: Option<Tally>,
        init: Option<InitState>,
        unchecked: Tally,
    ) -> Checks {
        let enabled = CheckState::CONFIGURED | CheckState::ENABLED;
        let health = match health {
            Some(mut tally) => {
                if let Some(init) = init {
                    init.apply(&mut tally);
                }
                Tracked::new(tally, enabled)
            }
            None => Tracked::new(unchecked, CheckState::empty()),
        };
        let state = if agent.is_some() { enabled | CheckState::AGENT } else { CheckState::empty() };
        Checks { health, agent: Tracked::new(agent.unwrap_or(Tally::AGENT), state) }
    }

    /// Prepares for maintenance: health checks pause, and count from the beginning afterwards. `was_up` is whether the
    /// server was up before.
    pub fn enter_maintenance(&mut self, was_up: bool) {
        if self.health.is_enabled() {
            self.health.state |= CheckState::PAUSED;
        }
        if self.health.is_enabled() || was_up {
            self.health.tally.empty();
        }
    }

    /// Makes the health check rest from the start: the server begins in maintenance.
    pub fn begin_in_maintenance(&mut self) {
        self.health.state |= CheckState::PAUSED;
        self.health.tally.empty();
    }

    /// Prepares for the end of maintenance, and returns whether the server is up then, as far as its checks are
    /// concerned: it is unless its agent or `init` says otherwise, and the first failed check stops it.
    pub fn leave_maintenance(&mut self, init: Option<InitState>) -> bool {
        if self.health.is_enabled() {
            self.health.state &= !CheckState::PAUSED;
            match init {
                Some(init) => init.apply(&mut self.health.tally),
                None => self.health.tally.set_barely_up(),
            }
        }
        match init {
            Some(init) => init.condition() != ServerCondition::Stopped,
            None => self.agent().is_none_or(|agent| agent.tally.is_up()),
        }
    }

    /// Returns one of the checks, also one that is not enabled or not even configured.
    pub fn any(&self, source: CheckSource) -> &Tracked {
        match source {
            CheckSource::Health => &self.health,
            CheckSource::Agent => &self.agent,
        }
    }

    /// Returns one of the checks for changes, also one that is not enabled or not even configured.
    pub fn any_mut(&mut self, source: CheckSource) -> &mut Tracked {
        match source {
            CheckSource::Health => &mut self.health,
            CheckSource::Agent => &mut self.agent,
        }
    }

    /// Returns one of the checks, if it is enabled.
    pub fn get(&self, source: CheckSource) -> Option<&Tracked> {
        Some(self.any(source)).filter(|check| check.is_enabled())
    }

    /// Returns one of the checks for changes, if it is enabled.
    pub fn get_mut(&mut self, source: CheckSource) -> Option<&mut Tracked> {
        Some(self.any_mut(source)).filter(|check| check.is_enabled())
    }

    /// Returns the health check, if it is enabled.
    pub fn health(&self) -> Option<&Tracked> {
        self.get(CheckSource::Health)
    }

    /// Returns the agent check, if it is enabled.
    pub fn agent(&self) -> Option<&Tracked> {
        self.get(CheckSource::Agent)
    }

    /// Records a result. The result of a check that has been disabled meanwhile is ignored.
    pub fn record(&mut self, source: CheckSource, result: CheckResult) -> Recorded {
        let Some(check) = self.get_mut(source) else { return Recorded::default() };
        let (status, is_other) = (result.status, result.status != check.last.status);
        check.last = result;
        match status.outcome() {
            Outcome::Unknown | Outcome::Neutral => Recorded::default(),
            Outcome::Failed => {
                // That the agent cannot be reached says nothing about the server.
                let counts = source == CheckSource::Health || status.has_code();
                let moved = counts && check.tally.fail();
                Recorded { report: is_other || moved, counts_as_failed: moved, clears_errors: false }
            }
            Outcome::Passed | Outcome::Conditional => {
                let moved = check.tally.pass();
                Recorded { report: is_other || moved, counts_as_failed: false, clears_errors: true }
            }
        }
    }

    /// Returns the transition that follows from the last result of a check.
    pub fn transition(&self, source: CheckSource, now: Circumstances) -> Option<Transition> {
        let check = self.get(source)?;
        let Circumstances { condition, in_maintenance, tracks_stopped } = now;
        if in_maintenance {
            return None;
        }
        let outcome = check.last.status.outcome();
        if outcome == Outcome::Failed {
            // Only an agent that says so stops a server.
            let counts = source == CheckSource::Health || check.last.status == Status::Layer7Status;
            let stops = counts && check.tally.is_empty() && condition != ServerCondition::Stopped;
            return stops.then_some(Transition::Stop);
        }
        let is_down = |check: Option<&Tracked>| check.is_some_and(|check| !check.tally.is_up());
        if !outcome.is_success() || tracks_stopped || is_down(self.health()) || is_down(self.agent()) {
            return None;
        }
        match (outcome, source, condition) {
            (Outcome::Conditional, CheckSource::Health, ServerCondition::Stopping) => None,
            (Outcome::Conditional, CheckSource::Health, _) => Some(Transition::Drain),
            (Outcome::Conditional, CheckSource::Agent, _) => None,
            // An agent does not bring back what the health check has drained.
            (_, CheckSource::Agent, ServerCondition::Stopping) => None,
            (_, _, ServerCondition::Starting | ServerCondition::Running) => None,
            (_, _, ServerCondition::Stopped | ServerCondition::Stopping) => Some(Transition::Start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Circumstances =
        Circumstances { condition: ServerCondition::Running, in_maintenance: false, tracks_stopped: false };
    const DOWN: Circumstances = Circumstances { condition: ServerCondition::Stopped, ..UP };
    const DRAINED: Circumstances = Circumstances { condition: ServerCondition::Stopping, ..UP };

    fn both() -> Checks {
        Checks::new(Some(Tally::new(2, 3)), Some(Tally::new(1, 1)), None, Tally::UNCHECKED)
    }

    /// Records a status, and returns what is reported and what follows.
    fn after(
        checks: &mut Checks,
        source: CheckSource,
        status: Status,
        now: Circumstances,
    ) -> (bool, Option<Transition>) {
        let recorded = checks.record(source, CheckResult::new(status));
        (recorded.report, checks.transition(source, now))
    }

    #[test]
    fn a_server_stops_and_starts_after_its_numbers_of_checks() {
        let mut checks = Checks::new(Some(Tally::new(2, 3)), None, None, Tally::UNCHECKED);
        let mut step = |status, now| after(&mut checks, CheckSource::Health, status, now);
        assert_eq!(step(Status::Layer4Ok, UP), (true, None), "the first success fills the tally");
        assert_eq!(step(Status::Layer4Ok, UP), (false, None), "nothing changes");
        assert_eq!(step(Status::Layer4Failed, UP), (true, None));
        assert_eq!(step(Status::Layer4Failed, UP), (true, None));
        assert_eq!(step(Status::Layer4Failed, UP), (true, Some(Transition::Stop)));
        assert_eq!(step(Status::Layer4Failed, DOWN), (false, None), "it is down already");
        assert_eq!(step(Status::Layer4Timeout, DOWN), (true, None), "for another reason");
        assert_eq!(step(Status::Layer4Ok, DOWN), (true, None));
        assert_eq!(step(Status::Layer4Ok, DOWN), (true, Some(Transition::Start)));
    }

    #[test]
    fn a_conditional_success_drains_and_a_full_one_starts_again() {
        let mut checks = Checks::new(Some(Tally::new(1, 1)), None, None, Tally::UNCHECKED);
        let mut step = |status, now| after(&mut checks, CheckSource::Health, status, now).1;
        assert_eq!(step(Status::Layer7Conditional, UP), Some(Transition::Drain));
        assert_eq!(step(Status::Layer7Conditional, DRAINED), None);
        assert_eq!(step(Status::Layer7Ok, DRAINED), Some(Transition::Start));
        assert_eq!(step(Status::Layer7Status, DRAINED), Some(Transition::Stop));
    }

    #[test]
    fn an_agent_stops_a_server_only_by_saying_so() {
        let mut checks = both();
        let mut step = |source, status, now| after(&mut checks, source, status, now);
        assert_eq!(step(CheckSource::Agent, Status::Layer4Failed, UP), (true, None), "it is not reached");
        assert_eq!(step(CheckSource::Agent, Status::Layer7Timeout, UP), (true, None));
        assert_eq!(step(CheckSource::Agent, Status::Checked, UP), (false, None));
        assert_eq!(step(CheckSource::Agent, Status::Layer7Status, UP), (true, Some(Transition::Stop)));
        // The health check does not bring back what the agent has stopped, and the other way around.
        assert_eq!(step(CheckSource::Health, Status::Layer4Ok, DOWN).1, None);
        assert_eq!(step(CheckSource::Agent, Status::Layer7Ok, DOWN).1, Some(Transition::Start));
        assert_eq!(step(CheckSource::Agent, Status::Layer7Ok, DRAINED).1, None);
    }

    #[test]
    fn a_server_in_maintenance_or_after_a_stopped_one_stays() {
        let mut checks = both();
        let kept = Circumstances { in_maintenance: true, ..DOWN };
        assert_eq!(after(&mut checks, CheckSource::Health, Status::Layer4Ok, kept).1, None);
        let tracking = Circumstances { tracks_stopped: true, ..DOWN };
        assert_eq!(after(&mut checks, CheckSource::Health, Status::Layer4Ok, tracking).1, None);
        assert_eq!(
            after(&mut checks, CheckSource::Health, Status::Layer4Ok, DOWN).1,
            Some(Transition::Start)
        );
    }

    #[test]
    fn what_counts_as_failed() {
        let mut checks = both();
        let mut counts = |source, status| checks.record(source, CheckResult::new(status)).counts_as_failed;
        assert!(counts(CheckSource::Health, Status::SocketError), "it was up");
        assert!(!counts(CheckSource::Health, Status::SocketError), "it is down already");
        assert!(!counts(CheckSource::Agent, Status::SocketError));
        assert!(counts(CheckSource::Agent, Status::Layer7Status));
    }

    #[test]
    fn maintenance_pauses_health_checks() {
        let (health, agent) = (Some(Tally::default()), Some(Tally::AGENT));
        let mut checks = Checks::new(health, agent, None, Tally::UNCHECKED);
        checks.enter_maintenance(true);
        assert!(checks.leave_maintenance(None), "it is up until a check fails");
        let step = after(&mut checks, CheckSource::Health, Status::Layer4Failed, UP);
        assert_eq!(step.1, Some(Transition::Stop));
        checks.enter_maintenance(true);
        assert!(!checks.leave_maintenance(Some(InitState::Down)));
        checks.record(CheckSource::Agent, CheckResult::new(Status::Layer7Status));
        assert!(!checks.leave_maintenance(None), "the agent says otherwise");
        let down = Checks::new(health, None, Some(InitState::FullyDown), Tally::UNCHECKED);
        assert!(down.health().is_some_and(|health| health.tally.is_empty()));
        assert_eq!(Checks::new(None, None, Some(InitState::Up), Tally::UNCHECKED), Checks::default());
    }

    #[test]
    fn a_disabled_check_records_nothing() {
        let mut checks = Checks::default();
        assert_eq!(
            checks.record(CheckSource::Agent, CheckResult::new(Status::Layer7Ok)),
            Recorded::default()
        );
        assert_eq!(checks.transition(CheckSource::Agent, DOWN), None);
    }
}
