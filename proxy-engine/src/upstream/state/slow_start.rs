//! Slow starts: the weights of servers that have just come up rise with each second (`slowstart`).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::operational::Operational;
use crate::upstream::backend::Backend;

/// The time between two steps.
const STEP: Duration = Duration::from_secs(1);

impl Backend {
    /// Returns whether any server has a slow start.
    pub(crate) fn has_slow_starts(&self) -> bool {
        self.servers().iter().any(|server| !server.state().settings.slowstart.is_zero())
    }

    /// Raises the weights of servers that are starting, for as long as the engine runs.
    pub(crate) async fn run_slow_starts(self: Arc<Self>) {
        loop {
            match self.step_slow_starts() {
                Some(next) => {
                    tokio::select! {
                        () = sleep_until(next) => {}
                        // A server whose step comes sooner may have started.
                        () = self.slow_starts().notified() => {}
                    }
                }
                None => self.slow_starts().notified().await,
            }
        }
    }

    /// Makes the steps that are due. Returns when the next one is, if any server is starting.
    fn step_slow_starts(self: &Arc<Self>) -> Option<Instant> {
        let now = Instant::now();
        let mut next = None;
        for (index, server) in self.servers().iter().enumerate() {
            if server.view().operational != Operational::Starting {
                continue;
            }
            let mut core = server.state().lock();
            core.end_slow_start(&server.state().settings);
            // Not `publish`, which would have this called again at once.
            self.make_visible(index, &core);
            if core.operational == Operational::Starting {
                let steps = u32::try_from(now.saturating_duration_since(core.changed).as_secs());
                let due = core.changed + STEP * (steps.unwrap_or(u32::MAX - 1) + 1);
                next = Some(next.map_or(due, |next: Instant| next.min(due)));
            }
            drop(core);
            self.requeue(index);
        }
        next
    }
}
