//! What decides about the state of a server. It is read and changed under a lock, and published as a word.

use std::time::Duration;

use proxy_health::InitState;
use tokio::time::Instant;

use super::admin::Admin;
use super::operational::Operational;
use super::view::StateView;
use crate::policy::WEIGHT_SCALE;

/// The settings of a server line that decide about its state.
#[derive(Clone, Copy, Debug)]
pub(in crate::upstream) struct StateSettings {
    /// The weight of the line.
    pub(in crate::upstream) weight: u16,
    /// `disabled`.
    pub(in crate::upstream) disabled: bool,
    /// Whether the name of the server has no address yet.
    pub(in crate::upstream) unresolved: bool,
    /// `init-state`.
    pub(in crate::upstream) init: Option<InitState>,
    /// `slowstart`, in whole seconds; zero for none.
    pub(in crate::upstream) slowstart: Duration,
}

/// The state of a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Core {
    pub(super) admin: Admin,
    pub(super) operational: Operational,
    /// The weight of the line, or the one that was set later.
    pub(super) weight: u16,
    /// When the operational state last changed.
    pub(super) changed: Instant,
    /// How long the server was down before that.
    pub(super) down: Duration,
}

impl Core {
    pub(super) fn new(settings: &StateSettings) -> Core {
        let mut admin = Admin::empty();
        admin.set(Admin::FORCED_MAINT | Admin::CONFIGURED_MAINT, settings.disabled);
        admin.set(Admin::UNRESOLVED, settings.unresolved);
        let operational = match settings.init {
            _ if admin.is_in_maintenance() => Operational::Stopped,
            Some(init) if !init.is_up() => Operational::Stopped,
            _ => Operational::Running,
        };
        Core { admin, operational, weight: settings.weight, changed: Instant::now(), down: Duration::ZERO }
    }

    /// Returns whether the server takes no new sessions, although it is up.
    pub(super) fn is_stopping(&self) -> bool {
        self.operational == Operational::Stopping || self.admin.is_drained()
    }

    /// Changes the operational state, and notes since when it holds.
    pub(super) fn become_operational(&mut self, operational: Operational) {
        if self.operational == operational {
            return;
        }
        let now = Instant::now();
        if self.operational == Operational::Stopped {
            self.down += now.saturating_duration_since(self.changed);
        }
        // The time of a slow start counts from its beginning, also after it has ended.
        if (self.operational, operational) != (Operational::Starting, Operational::Running) {
            self.changed = now;
        }
        self.operational = operational;
    }

    /// Returns the state that a server has when it comes up, as far as it decides itself.
    pub(super) fn up(settings: &StateSettings) -> Operational {
        if settings.slowstart.is_zero() { Operational::Running } else { Operational::Starting }
    }

    /// Ends a slow start whose time has passed. Returns whether it did.
    pub(super) fn end_slow_start(&mut self, settings: &StateSettings) -> bool {
        let is_over =
            self.operational == Operational::Starting && self.changed.elapsed() >= settings.slowstart;
        if is_over {
            self.become_operational(Operational::Running);
        }
        is_over
    }

    /// Returns the state to publish. During a slow start the weight rises with each second, if the algorithm follows
    /// weights: from a sixteenth of the set weight to all of it.
    pub(super) fn view(&self, settings: &StateSettings, follows_weights: bool) -> StateView {
        let full = u64::from(WEIGHT_SCALE);
        let slowstart = settings.slowstart.as_secs();
        let passed = match self.operational {
            Operational::Starting if slowstart > 0 => Some(self.changed.elapsed().as_secs().min(slowstart)),
            _ => None,
        };
        let share = match passed {
            Some(passed) if follows_weights => ((full * passed + slowstart) / slowstart).min(full),
            _ => full,
        };
        StateView {
            admin: self.admin,
            operational: self.operational,
            effective_weight: u16::try_from(u64::from(self.weight) * share).unwrap_or(u16::MAX),
            slow_start_percent: passed.and_then(|passed| u8::try_from(100 * passed / slowstart).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: StateSettings = StateSettings {
        weight: 10,
        disabled: false,
        unresolved: false,
        init: None,
        slowstart: Duration::ZERO,
    };

    #[test]
    fn a_server_begins_as_its_line_says() {
        use InitState::{Down, FullyDown, FullyUp, Up};
        for (disabled, init, operational) in [
            (false, None, Operational::Running),
            (false, Some(Up), Operational::Running),
            (false, Some(FullyUp), Operational::Running),
            (false, Some(Down), Operational::Stopped),
            (false, Some(FullyDown), Operational::Stopped),
            (true, Some(Up), Operational::Stopped),
            (true, None, Operational::Stopped),
        ] {
            let core = Core::new(&StateSettings { disabled, init, ..PLAIN });
            assert_eq!(core.operational, operational, "disabled: {disabled}, {init:?}");
            assert_eq!(core.admin.is_in_maintenance(), disabled);
        }
        let unresolved = Core::new(&StateSettings { unresolved: true, ..PLAIN });
        assert_eq!((unresolved.admin, unresolved.operational), (Admin::UNRESOLVED, Operational::Stopped));
    }

    #[tokio::test(start_paused = true)]
    async fn the_weight_rises_during_a_slow_start() {
        let settings = StateSettings { slowstart: Duration::from_secs(4), ..PLAIN };
        let mut core = Core::new(&settings);
        core.become_operational(Operational::Stopped);
        tokio::time::advance(Duration::from_secs(3)).await;
        core.become_operational(Core::up(&settings));
        assert_eq!((core.operational, core.down), (Operational::Starting, Duration::from_secs(3)));
        for weight in [10, 50, 90, 130] {
            assert!(!core.end_slow_start(&settings));
            assert_eq!(core.view(&settings, true).effective_weight, weight);
            assert_eq!(core.view(&settings, true).slow_start_percent, Some(25 * (weight as u8 / 40)));
            assert_eq!(core.view(&settings, false).effective_weight, 160);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(core.end_slow_start(&settings));
        assert_eq!(core.view(&settings, true).effective_weight, 160);
        assert_eq!(core.operational, Operational::Running);
        assert!(!core.end_slow_start(&settings));
    }
}
