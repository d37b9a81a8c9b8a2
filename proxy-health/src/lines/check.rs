//! Lines about the results of checks.

use super::reason::Reason;
use super::server::ServerName;
use crate::state::{CheckSource, Tracked};
use crate::status::Outcome;

/// Returns the line about the result of a check (`option log-health-checks`). `has_weight` is whether the server may get
/// clients at all.
pub fn check_line(source: CheckSource, name: ServerName<'_>, check: &Tracked, has_weight: bool) -> String {
    let source = match source {
        CheckSource::Health => "Health",
        CheckSource::Agent => "Agent",
    };
    let backup = if name.backup { "backup " } else { "" };
    let outcome = check.last.status.outcome();
    let conditionally = if outcome == Outcome::Conditional { "conditionally " } else { "" };
    let verb = if outcome.is_success() { "succeeded" } else { "failed" };
    let (passed, of) = check.tally.shown();
    let state = match (check.tally.is_up(), has_weight) {
        (true, true) => "UP",
        (true, false) => "DRAIN",
        (false, _) => "DOWN",
    };
    format!(
        "{source} check for {backup}server {}/{} {conditionally}{verb}{}, status: {passed}/{of} {state}.",
        name.backend,
        name.server,
        Reason(&check.last),
    )
}
