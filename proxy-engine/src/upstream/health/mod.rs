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
//!   `schedule`: when checks run. `record`: what a result changes.

mod config;
mod record;
mod run;
mod schedule;

pub use config::{CheckRoute, HealthCheck};
pub(crate) use schedule::{ScheduledCheck, schedule};

use std::sync::{Mutex, MutexGuard, PoisonError};

use proxy_health::{Checks, InitState, Tracked};
use tokio::sync::Notify;

/// The checks of a server: their settings and last results.
#[derive(Debug, Default)]
pub(super) struct ServerHealth {
    config: Option<HealthCheck>,
    checks: Mutex<Checks>,
    /// Notified when the next check is due sooner than it was.
    sooner: Notify,
}

impl ServerHealth {
    /// Creates the health of a server that has not been checked yet.
    pub(super) fn new(config: Option<HealthCheck>, init: Option<InitState>) -> ServerHealth {
        let health = config.as_ref().map(|config| {
            let mut tally = config.tally;
            init.unwrap_or(InitState::Up).apply(&mut tally);
            Tracked::new(tally)
        });
        ServerHealth { config, checks: Mutex::new(Checks { health, agent: None }), sooner: Notify::new() }
    }

    /// Returns the last results, for reading or for recording one.
    pub(super) fn checks(&self) -> MutexGuard<'_, Checks> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
