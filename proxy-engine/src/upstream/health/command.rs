//! What commands see of the health of a server, and change about it.

use std::sync::Arc;

use proxy_health::{CheckSource, Outcome};

use crate::upstream::backend::Backend;
use crate::upstream::server::Server;
use crate::upstream::state::Operational;

/// The last result of a health check, in the numbers of state files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckNumbers {
    /// The status.
    pub status: u8,
    /// Whether the check has failed or passed.
    pub result: u8,
    /// The number of consecutive results.
    pub health: u32,
}

impl Server {
    /// Returns the last result of its health check, if it has one.
    pub fn check_numbers(&self) -> Option<CheckNumbers> {
        let checks = self.health().checks();
        let check = checks.results.get(CheckSource::Health)?;
        let result = match check.last.status.outcome() {
            Outcome::Unknown => 0,
            Outcome::Neutral => 1,
            Outcome::Failed => 2,
            Outcome::Passed => 3,
            Outcome::Conditional => 4,
        };
        Some(CheckNumbers { status: check.last.status.number(), result, health: check.tally.health() })
    }
}

impl Backend {
    /// Takes a server for up or down, until as many checks as usual say otherwise. `cause` is for the log.
    pub fn set_health(self: &Arc<Self>, index: usize, operational: Operational, cause: &str) {
        let Some(server) = self.servers().get(index) else { return };
        if let Some(check) = server.health().checks().results.get_mut(CheckSource::Health) {
            match operational {
                Operational::Stopped => check.tally.empty(),
                Operational::Starting | Operational::Running | Operational::Stopping => check.tally.fill(),
            }
        }
        self.set_operational(index, operational, cause);
    }
}
