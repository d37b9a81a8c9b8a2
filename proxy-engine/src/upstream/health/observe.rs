//! Errors of ordinary traffic (`observe`): too many in a row count like a failed check.
//!
//! A session or exchange that has one tells the server; the task that checks the server records what follows.

use proxy_health::{CheckResult, CheckSource, ObservedEvent, Observer};

use super::{Recorded, ServerHealth};

/// What ordinary traffic of a server has shown.
#[derive(Debug)]
pub(super) struct Observed {
    observer: Observer,
    /// The result to record for the health check.
    result: Option<CheckResult>,
    /// Whether the next check is due after the fast interval.
    hurry: bool,
}

impl Observed {
    pub(super) fn new(observer: Observer) -> Observed {
        Observed { observer, result: None, hurry: false }
    }
}

impl ServerHealth {
    /// Counts what has happened to a connection to the server, or to an exchange with it.
    pub(in crate::upstream) fn observe(&self, event: ObservedEvent) {
        // Most servers are not observed, and take no lock.
        if !self.is_observed {
            return;
        }
        let mut checks = self.checks();
        let Recorded { results, observed, .. } = &mut *checks;
        let (Some(check), Some(observed)) = (results.get_mut(CheckSource::Health), observed) else { return };
        if let Some(exceeded) = observed.observer.observe(event, check) {
            (observed.result, observed.hurry) = (exceeded.result, true);
            self.sooner.notify_one();
        }
    }

    /// Returns what has been observed since it was last asked: a result to record, and whether to hurry.
    pub(super) fn take_observed(&self) -> (Option<CheckResult>, bool) {
        let mut checks = self.checks();
        let Some(observed) = &mut checks.observed else { return (None, false) };
        (observed.result.take(), std::mem::take(&mut observed.hurry))
    }
}

impl Recorded {
    /// Begins to count errors again.
    pub(super) fn forget_errors(&mut self) {
        if let Some(observed) = &mut self.observed {
            observed.observer.clear();
        }
    }
}
