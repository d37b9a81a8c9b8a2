//! What the result of a check changes: the tally, the state of the server, and log lines.

use std::sync::Arc;

use proxy_health::lines::{Reason, ServerName, check_line};
use proxy_health::{CheckResult, CheckSource, Circumstances, ServerCondition, Status, Transition};
use proxy_rules::Severity;

use crate::upstream::backend::Backend;
use crate::upstream::state::Operational;

impl Backend {
    /// Records the result of a check of a server, and changes the state of the server if it follows.
    pub(super) fn record_check(self: &Arc<Self>, index: usize, source: CheckSource, result: CheckResult) {
        let Some(server) = self.servers().get(index) else { return };
        let (health, view) = (server.health(), server.view());
        server.end_check(source);
        let in_maintenance = view.admin.is_in_maintenance();
        if in_maintenance && source == CheckSource::Health {
            // The check had begun before.
            return;
        }
        if matches!(result.status, Status::Layer4Timeout | Status::Layer4Failed) {
            self.hurry_resolution(index);
        }
        let mut checks = health.checks();
        let recorded = checks.results.record(source, result);
        if recorded.clears_errors && source == CheckSource::Health {
            checks.forget_errors();
        }
        if recorded.counts_as_failed {
            server.counters().check_failed();
        }
        let transition = checks.results.transition(
            source,
            Circumstances { condition: condition(view.operational), in_maintenance, tracks_stopped: false },
        );
        let Some(check) = checks.results.get(source) else { return };
        let is_logged = health.config(source).is_some_and(|config| config.is_logged);
        if is_logged && recorded.report {
            let config = server.config();
            let name = ServerName { backend: self.name(), server: server.name(), backup: config.backup };
            self.effects()
                .report((Severity::Notice, check_line(source, name, check, view.effective_weight > 0)));
        }
        let Some(transition) = transition else { return };
        // A check that has a line of its own is not repeated in the line about the server.
        let cause = if is_logged { String::new() } else { Reason(&check.last).to_string() };
        drop(checks);
        let operational = match transition {
            Transition::Stop => {
                server.counters().went_down();
                self.counters().went_down();
                Operational::Stopped
            }
            Transition::Start => Operational::Running,
            Transition::Drain => Operational::Stopping,
        };
        self.set_operational(index, operational, cause.trim_start_matches(", "));
    }
}

/// Returns the state as rules about checks name it.
pub(super) fn condition(operational: Operational) -> ServerCondition {
    match operational {
        Operational::Stopped => ServerCondition::Stopped,
        Operational::Starting => ServerCondition::Starting,
        Operational::Running => ServerCondition::Running,
        Operational::Stopping => ServerCondition::Stopping,
    }
}
