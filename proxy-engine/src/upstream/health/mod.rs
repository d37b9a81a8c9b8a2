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
//!   `schedule`: when checks run. `record`: what a result changes. `observe`: errors of ordinary traffic.
//!   `command`: what commands see and change.

mod command;
mod config;
mod observe;
mod record;
mod run;
mod schedule;

pub use command::CheckNumbers;
pub use config::{CheckRoute, HealthCheck};
pub(crate) use schedule::{ScheduledCheck, schedule};

use std::sync::{Mutex, MutexGuard, PoisonError};

use proxy_health::{Checks, InitState, Tracked};
use tokio::sync::Notify;

use self::observe::Observed;

/// The checks of a server: their settings and last results.
#[derive(Debug, Default)]
pub(super) struct ServerHealth {
    config: Option<HealthCheck>,
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
    pub(super) fn new(config: Option<HealthCheck>, init: Option<InitState>) -> ServerHealth {
        let health = config.as_ref().map(|config| {
            let mut tally = config.tally;
            init.unwrap_or(InitState::Up).apply(&mut tally);
            Tracked::new(tally)
        });
        let observed = config.as_ref().and_then(|config| config.observer).map(Observed::new);
        ServerHealth {
            config,
            is_observed: observed.is_some(),
            checks: Mutex::new(Recorded { results: Checks { health, agent: None }, observed }),
            sooner: Notify::new(),
        }
    }

    /// Returns what is known, for reading or for recording something.
    pub(super) fn checks(&self) -> MutexGuard<'_, Recorded> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
