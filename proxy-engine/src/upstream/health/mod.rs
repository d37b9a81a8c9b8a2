//! Health checks at work: connections for the conversations of `proxy-health`, and what follows from their results.
//!
//! ```text
//!            due                       Conversation                     Checks                      state of the server
//!  schedule ─────► run: a connection ◄──────────────► result ─► record ────────► Transition ──────► and log lines
//!     ▲                                                            │
//!     └──────────────────────── the interval that follows ─────────┘
//! ```
//!
//! * [`HealthCheck`]: how a server is checked. [`ServerHealth`]: the last results. `run`: one run of a check.
//!   `schedule`: when checks run. `record`: what a result changes. `agent`: what the answer of an agent changes.
//!   `observe`: errors of ordinary traffic. `command`: what commands see and change.
//!   `external`: checks by a command.
//!   `send_state`: the state that a request tells the server.
//!   [`CheckTarget`]: where it connects.

mod agent;
mod command;
mod config;
mod external;
mod observe;
mod record;
mod run;
mod schedule;
mod send_state;
mod sys;
mod target;

pub use command::CheckNumbers;
pub use config::{CheckRoute, CheckTarget, ExternalCheck, HealthCheck};
pub(crate) use schedule::{ScheduledCheck, schedule};
pub use sys::FilesLimit;

use std::sync::{Mutex, MutexGuard, PoisonError};

use proxy_health::{CheckSource, Checks, InitState, Tally};
use tokio::sync::Notify;

use self::observe::Observed;
use self::target::CheckSettings;

/// The checks of a server: their settings and last results.
#[derive(Debug, Default)]
pub(super) struct ServerHealth {
    health: Option<HealthCheck>,
    agent: Option<HealthCheck>,
    /// Whether errors of ordinary traffic count.
    is_observed: bool,
    checks: Mutex<Recorded>,
    /// Notified when the next check is due sooner than it was, or when a result is to be recorded.
    sooner: Notify,
}

/// How the checks of a server begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChecksAtStart {
    /// What the server is taken for until a check says otherwise.
    pub(super) init: Option<InitState>,
    /// The tally of a server whose health is not checked.
    pub(super) unchecked: Tally,
    /// Whether the server is in maintenance, as its line says.
    pub(super) in_maintenance: bool,
}

/// What is known about a server.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// The results of checks.
    pub(super) results: Checks,
    /// What ordinary traffic has shown, if it counts.
    observed: Option<Observed>,
    health: CheckSettings,
    agent: CheckSettings,
}

impl Recorded {
    fn settings(&self, source: CheckSource) -> &CheckSettings {
        match source {
            CheckSource::Health => &self.health,
            CheckSource::Agent => &self.agent,
        }
    }

    fn settings_mut(&mut self, source: CheckSource) -> &mut CheckSettings {
        match source {
            CheckSource::Health => &mut self.health,
            CheckSource::Agent => &mut self.agent,
        }
    }
}

impl ServerHealth {
    /// Creates the health of a server that has not been checked yet.
    pub(super) fn new(
        health: Option<HealthCheck>,
        agent: Option<HealthCheck>,
        start: ChecksAtStart,
    ) -> ServerHealth {
        let tally = |config: &Option<HealthCheck>| config.as_ref().map(|config| config.tally);
        let init = Some(start.init.unwrap_or(InitState::Up));
        let mut results = Checks::new(tally(&health), tally(&agent), init, start.unchecked);
        if start.in_maintenance {
            results.begin_in_maintenance();
        }
        let observed = health.as_ref().and_then(|config| config.observer).map(Observed::new);
        let recorded = Recorded {
            results,
            health: CheckSettings::of(health.as_ref()),
            agent: CheckSettings::of(agent.as_ref()),
            observed,
        };
        ServerHealth {
            health,
            agent,
            is_observed: recorded.observed.is_some(),
            checks: Mutex::new(recorded),
            sooner: Notify::new(),
        }
    }

    /// Returns the settings of one of the checks, if it is configured.
    fn config(&self, source: CheckSource) -> Option<&HealthCheck> {
        match source {
            CheckSource::Health => self.health.as_ref(),
            CheckSource::Agent => self.agent.as_ref(),
        }
    }

    /// Returns what is known, for reading or for recording something.
    pub(super) fn checks(&self) -> MutexGuard<'_, Recorded> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
