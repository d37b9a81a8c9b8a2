//! The limit of concurrent sessions of a server: `maxconn`, or less while the load of the backend is low (`minconn`,
//! `fullconn`) or the server has just started.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use super::state::StateView;
use crate::observe::ObservedBackend;

/// The load of a backend, and the load from which its servers have their whole limits.
#[derive(Debug)]
pub(super) struct BackendLoad {
    observed: Arc<ObservedBackend>,
    full: AtomicUsize,
}

/// The limit of a server.
#[derive(Debug)]
pub(super) struct SlotLimit {
    /// 0 for no limit.
    most: AtomicUsize,
    /// The limit of an idle backend; the same as `most` if it does not depend on the load.
    least: AtomicUsize,
}

impl BackendLoad {
    /// Creates the load of a backend. A full load of 0 is set later.
    pub(super) fn new(observed: &Arc<ObservedBackend>, full: usize) -> Arc<BackendLoad> {
        Arc::new(BackendLoad { observed: Arc::clone(observed), full: AtomicUsize::new(full) })
    }

    /// Sets the full load unless it was configured.
    pub(super) fn set_default(&self, full: usize) {
        let _ = self.full.compare_exchange(0, full.max(1), Relaxed, Relaxed);
    }

    /// Returns the full load.
    pub(super) fn full(&self) -> usize {
        self.full.load(Relaxed)
    }
}

impl SlotLimit {
    /// Creates a limit; 0 for none. A `minconn` that is larger, or alone, is the limit.
    pub(super) fn new(minconn: usize, maxconn: usize) -> SlotLimit {
        let most = maxconn.max(minconn);
        let least = if minconn == 0 { most } else { minconn };
        SlotLimit { most: AtomicUsize::new(most), least: AtomicUsize::new(least) }
    }

    /// Changes the limit; 0 for none.
    pub(super) fn set(&self, most: usize) {
        let before = self.most.swap(most, SeqCst);
        if self.least.load(SeqCst) == before {
            self.least.store(most, SeqCst);
        }
    }

    /// Returns the limit of an idle backend, if it depends on the load.
    pub(super) fn least(&self) -> Option<usize> {
        let least = self.least.load(SeqCst);
        (least != self.most.load(SeqCst)).then_some(least)
    }

    /// Returns the whole limit, if there is one.
    pub(super) fn most(&self) -> Option<usize> {
        Some(self.most.load(SeqCst)).filter(|most| *most > 0)
    }

    /// Returns the limit as of now, if there is one. Only a limit that depends on the load reads more than its own.
    pub(super) fn now(
        &self,
        load: Option<&Arc<BackendLoad>>,
        view: impl FnOnce() -> StateView,
    ) -> Option<usize> {
        let most = self.most()?;
        let least = self.least.load(SeqCst);
        let limit = match load {
            Some(load) if least != most => {
                let (current, full) = (load.observed.counters().current(), load.full());
                if current >= full { most } else { least.max(current * most / full) }
            }
            _ => most,
        };
        match view().slow_start_percent {
            None => Some(limit),
            Some(percent) => Some((limit * usize::from(percent) / 100).max(1)),
        }
    }
}

/// The number of sessions that hold slots of the servers of a backend, on a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct SlotCount(AtomicUsize);

impl SlotCount {
    pub(super) fn get(&self) -> usize {
        self.0.load(Relaxed)
    }

    pub(super) fn arrived(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(super) fn left(&self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::state::{Admin, Operational};

    fn view(slow_start_percent: Option<u8>) -> StateView {
        let (admin, operational) = (Admin::empty(), Operational::Running);
        StateView { admin, operational, effective_weight: 16, slow_start_percent }
    }

    #[test]
    fn a_dynamic_limit_follows_the_load() {
        let observed = ObservedBackend::new("b".to_owned(), 1);
        let load = BackendLoad::new(&Arc::new(observed), 10);
        let limit = SlotLimit::new(2, 20);
        let mut seen = Vec::new();
        for _ in 0..12 {
            seen.push(limit.now(Some(&load), || view(None)).unwrap());
            load.observed.counters().arrived();
        }
        assert_eq!(seen, [2, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 20]);
        limit.set(40);
        assert_eq!((limit.most(), limit.least()), (Some(40), Some(2)));
        assert_eq!(SlotLimit::new(5, 0).now(Some(&load), || view(None)), Some(5));
    }

    #[test]
    fn a_plain_limit_is_itself() {
        let limit = SlotLimit::new(0, 20);
        assert_eq!((limit.now(None, || view(None)), limit.least()), (Some(20), None));
        let percents = [0, 4, 5, 50, 99].map(|percent| limit.now(None, || view(Some(percent))).unwrap());
        assert_eq!(percents, [1, 1, 1, 10, 19]);
        limit.set(7);
        assert_eq!((limit.now(None, || view(None)), limit.least()), (Some(7), None));
        limit.set(0);
        assert_eq!(limit.now(None, || view(None)), None);
    }

    #[test]
    fn a_default_does_not_replace_what_is_configured() {
        let observed = ObservedBackend::new("b".to_owned(), 1);
        let observed = Arc::new(observed);
        for (configured, default, full) in [(0, 7, 7), (0, 0, 1), (3, 7, 3)] {
            let load = BackendLoad::new(&observed, configured);
            load.set_default(default);
            assert_eq!(load.full(), full);
        }
    }
}
