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
//!   `send_state`: the state that a request tells the server.

mod agent;
mod command;
mod config;
mod observe;
mod record;
mod run;
mod schedule;
mod send_state;

pub use command::CheckNumbers;
pub use config::{CheckRoute, HealthCheck};
pub(crate) use schedule::{ScheduledCheck, schedule};

use std::sync::{Mutex, MutexGuard, PoisonError};

use proxy_health::{CheckSource, Checks, InitState};
use tokio::sync::Notify;

use self::observe::Observed;

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

/// What is known about a server.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// The results of checks.
    pub(super) results: Checks,
    /// What ordinary traffic has shown, if it counts.
    observed: Option<Observed>,
}

impl ServerHealth {
    /// Creates the health of a server that has not been checked yet.
    pub(super) fn new(
        health: Option<HealthCheck>,
        agent: Option<HealthCheck>,
        init: Option<InitState>,
    ) -> ServerHealth {
        let tally = |config: &Option<HealthCheck>| config.as_ref().map(|config| config.tally);
        let results = Checks::new(tally(&health), tally(&agent), Some(init.unwrap_or(InitState::Up)));
        let observed = health.as_ref().and_then(|config| config.observer).map(Observed::new);
        ServerHealth {
            health,
            agent,
            is_observed: observed.is_some(),
            checks: Mutex::new(Recorded { results, observed }),
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
