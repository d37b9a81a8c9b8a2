//! The state of a server as of one moment, and the word by which workers read it without a lock.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use super::admin::Admin;
use super::operational::Operational;

/// The bits of the effective weight.
const WEIGHT_BITS: u32 = 16;
/// Where the operational state begins; the administrative one follows.
const OPERATIONAL: u32 = WEIGHT_BITS;
const ADMIN: u32 = OPERATIONAL + 2;
const PERCENT: u32 = ADMIN + 8;
/// The percentage of a server without a slow start.
const NO_PERCENT: u8 = u8::MAX;

/// The state of a server as of one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateView {
    /// The administrative state.
    pub admin: Admin,
    /// The operational state.
    pub operational: Operational,
    /// The weight that balancing uses now, in sixteenths: less than the set one during a slow start.
    pub effective_weight: u16,
    /// How much of its slow start has passed, in percent of its time.
    pub slow_start_percent: Option<u8>,
}

impl StateView {
    /// Returns whether the server may be given new sessions.
    pub fn is_usable(self) -> bool {
        self.effective_weight > 0
            && self.operational.takes_sessions()
            && !self.admin.intersects(Admin::MAINT.union(Admin::DRAIN))
    }

    fn word(self) -> u64 {
        u64::from(self.effective_weight)
            | u64::from(self.operational as u8) << OPERATIONAL
            | u64::from(self.admin.bits()) << ADMIN
            | u64::from(self.slow_start_percent.unwrap_or(NO_PERCENT)) << PERCENT
    }

    fn of_word(word: u64) -> StateView {
        StateView {
            admin: Admin::from_bits_retain((word >> ADMIN) as u8),
            operational: Operational::of_bits(word >> OPERATIONAL),
            effective_weight: word as u16,
            slow_start_percent: Some((word >> PERCENT) as u8).filter(|percent| *percent != NO_PERCENT),
        }
    }
}

/// The published state of a server. Accesses are sequentially consistent, as the queues require.
#[derive(Debug)]
pub(super) struct Published(AtomicU64);

impl Published {
    pub(super) fn new(view: StateView) -> Published {
        Published(AtomicU64::new(view.word()))
    }

    pub(super) fn get(&self) -> StateView {
        StateView::of_word(self.0.load(SeqCst))
    }

    pub(super) fn set(&self, view: StateView) {
        self.0.store(view.word(), SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_fits_in_a_word() {
        let operational =
            [Operational::Stopped, Operational::Starting, Operational::Running, Operational::Stopping];
        for admin in [Admin::empty(), Admin::all(), Admin::FORCED_DRAIN] {
            for operational in operational {
                for (effective_weight, slow_start_percent) in [(0, None), (1, Some(0)), (4096, Some(100))] {
                    let view = StateView { admin, operational, effective_weight, slow_start_percent };
                    assert_eq!(Published::new(view).get(), view);
                }
            }
        }
    }

    #[test]
    fn a_server_is_usable_only_if_nothing_speaks_against_it() {
        let (admin, operational) = (Admin::empty(), Operational::Running);
        let view = StateView { admin, operational, effective_weight: 16, slow_start_percent: None };
        assert!(view.is_usable());
        assert!(StateView { operational: Operational::Starting, ..view }.is_usable());
        assert!(StateView { admin: Admin::CONFIGURED_MAINT, ..view }.is_usable());
        for unusable in [
            StateView { effective_weight: 0, ..view },
            StateView { operational: Operational::Stopping, ..view },
            StateView { operational: Operational::Stopped, ..view },
            StateView { admin: Admin::INHERITED_DRAIN, ..view },
            StateView { admin: Admin::UNRESOLVED, ..view },
        ] {
            assert!(!unusable.is_usable(), "{unusable:?}");
        }
    }
}
