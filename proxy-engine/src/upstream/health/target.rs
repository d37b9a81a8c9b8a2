//! Where a check of a server connects, as far as its steps leave it open. Commands may change it while the program runs.

use std::sync::Arc;

use proxy_health::agent::question;
use proxy_health::{CheckSource, Ruleset};

use super::config::{CheckTarget, HealthCheck};
use crate::upstream::server::Server;

/// What a check does and where it connects, as of now.
#[derive(Clone, Debug, Default)]
pub(super) struct CheckSettings {
    /// Where it connects.
    pub(super) target: CheckTarget,
    /// The steps, if they are not those of the configuration.
    pub(super) rules: Option<Arc<Ruleset>>,
}

impl CheckSettings {
    /// Returns what the configuration says.
    pub(super) fn of(check: Option<&HealthCheck>) -> CheckSettings {
        CheckSettings { target: check.map(|check| check.target.clone()).unwrap_or_default(), rules: None }
    }
}

impl Server {
    /// Returns where one of its checks connects, as far as the steps of the check leave it open.
    pub fn check_target(&self, source: CheckSource) -> CheckTarget {
        self.health().checks().settings(source).target.clone()
    }

    /// Changes where one of its checks connects, from the next check on.
    pub fn set_check_target(&self, source: CheckSource, target: CheckTarget) {
        self.health().checks().settings_mut(source).target = target;
    }

    /// Changes what the agent is asked, from the next question on.
    pub fn set_agent_question(&self, text: &str) {
        self.health().checks().settings_mut(CheckSource::Agent).rules = Some(Arc::new(question(Some(text))));
    }
}
