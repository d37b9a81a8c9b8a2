//! Which server tracks which (`track`): a server that tracks another one has its state besides its own.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::admin::Admin;
use super::operational::Operational;
use super::view::StateView;

/// A server that is tracked.
pub(in crate::upstream) trait Tracked: fmt::Debug + Send + Sync {
    /// Returns the state as of now.
    fn view(&self) -> StateView;
}

/// A server that tracks another one, and is told about its changes.
pub(in crate::upstream) trait Tracker: fmt::Debug + Send + Sync {
    /// The tracked server is out of use.
    fn inherit(&self, reason: Admin, cause: &str);

    /// The tracked server is no longer out of use for this reason.
    fn disinherit(&self, reason: Admin);

    /// The operational state of the tracked server has changed.
    fn follow(&self, operational: Operational);
}

/// The servers that a server tracks, and is tracked by.
#[derive(Debug, Default)]
pub(in crate::upstream) struct Tracking {
    /// The name of the tracked server, with that of its backend.
    tracked: OnceLock<(String, Arc<dyn Tracked>)>,
    trackers: Mutex<Vec<Arc<dyn Tracker>>>,
}

impl Tracking {
    /// Has this server track another one. The first that is set stays.
    pub(super) fn track(&self, name: String, tracked: Arc<dyn Tracked>) {
        let _ = self.tracked.set((name, tracked));
    }

    /// Adds a server that tracks this one.
    pub(super) fn add(&self, tracker: Arc<dyn Tracker>) {
        self.trackers.lock().unwrap_or_else(PoisonError::into_inner).push(tracker);
    }

    /// Returns the name of the tracked server, `backend/server`.
    pub(in crate::upstream) fn tracked(&self) -> Option<&str> {
        self.tracked.get().map(|(name, _)| &**name)
    }

    /// Returns the operational state of the tracked server.
    pub(super) fn tracked_state(&self) -> Option<Operational> {
        self.tracked.get().map(|(_, tracked)| tracked.view().operational)
    }

    /// Tells all trackers something. They have locks of their own, and no circle of servers tracks itself, so the lock
    /// of the tracked server may be held meanwhile: changes reach them in their order.
    pub(super) fn tell(&self, tell: impl Fn(&dyn Tracker)) {
        let trackers = self.trackers.lock().unwrap_or_else(PoisonError::into_inner);
        trackers.iter().for_each(|tracker| tell(&**tracker));
    }
}

/// Returns the reason that trackers inherit, unless the server was out of use in the same way before and after.
pub(super) fn inherited(reason: Admin, others: Admin) -> Option<Admin> {
    match () {
        () if reason.intersects(Admin::MAINT) => {
            (!others.intersects(Admin::MAINT)).then_some(Admin::INHERITED_MAINT)
        }
        () if reason.intersects(Admin::DRAIN) => {
            (!others.intersects(Admin::DRAIN)).then_some(Admin::INHERITED_DRAIN)
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_reason_of_a_kind_is_not_inherited() {
        let none = Admin::empty();
        for (reason, others, expected) in [
            (Admin::FORCED_MAINT, none, Some(Admin::INHERITED_MAINT)),
            (Admin::UNRESOLVED, Admin::FORCED_DRAIN, Some(Admin::INHERITED_MAINT)),
            (Admin::INHERITED_MAINT, Admin::UNRESOLVED, None),
            (Admin::FORCED_DRAIN, Admin::FORCED_MAINT, Some(Admin::INHERITED_DRAIN)),
            (Admin::INHERITED_DRAIN, Admin::FORCED_DRAIN, None),
        ] {
            assert_eq!(inherited(reason, others), expected, "{reason:?} besides {others:?}");
        }
    }
}
