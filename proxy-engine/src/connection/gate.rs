//! Whether a frontend accepts connections, and how many: what commands change while it runs.

use std::sync::Arc;

use tokio::sync::watch;

use crate::listener::{ConnectionLimit, Phase, RateLimit};

/// The phase of a frontend, which follows that of the engine, and its limits.
#[derive(Debug)]
pub(crate) struct FrontendGate {
    phase: watch::Sender<Phase>,
    /// `None` for a frontend that only the limit of the process limits.
    pub(crate) limit: Option<Arc<ConnectionLimit>>,
    /// The limit of new sessions in a second.
    pub(crate) session_rate: Arc<RateLimit>,
}

impl FrontendGate {
    /// Creates the gate of a frontend with these limits.
    pub(super) fn new(maxconn: Option<usize>, session_rate: u32) -> FrontendGate {
        FrontendGate {
            phase: watch::Sender::new(Phase::Running),
            limit: maxconn.map(ConnectionLimit::new),
            session_rate: RateLimit::new(session_rate),
        }
    }

    /// Returns the phase for those who accept.
    pub(crate) fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Has the frontend listen no more until it is enabled. Returns whether it has listened.
    pub(crate) fn pause(&self) -> bool {
        self.change(|phase| phase == Phase::Running, Phase::Paused)
    }

    /// Has the frontend listen again. Returns whether it was paused.
    pub(crate) fn resume(&self) -> bool {
        self.change(|phase| phase == Phase::Paused, Phase::Running)
    }

    /// Has the frontend listen again, unless it has been stopped; what could not listen again tries once more.
    pub(crate) fn resume_all(&self) {
        self.change(Phase::accepts_again, Phase::Running);
    }

    /// Has the frontend accept no more connections.
    pub(crate) fn stop(&self) {
        self.change(Phase::accepts_again, Phase::Draining);
    }

    fn change(&self, applies: impl FnOnce(Phase) -> bool, to: Phase) -> bool {
        self.phase.send_if_modified(|phase| {
            let is_changed = applies(*phase);
            if is_changed {
                *phase = to;
            }
            is_changed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_frontend_stays_so() {
        let gate = FrontendGate::new(None, 0);
        assert!(!gate.resume() && gate.pause() && !gate.pause() && gate.resume());
        assert!(gate.pause());
        gate.stop();
        assert_eq!(*gate.watch().borrow(), Phase::Draining);
        assert!(!gate.resume() && !gate.pause());
    }
}
