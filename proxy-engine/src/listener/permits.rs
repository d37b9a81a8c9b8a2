//! Limits of the concurrent connections of the process, a frontend and a listener: exact, shared by all workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::SeqCst};

use crate::observe::{Shortage, Signal};

/// `maxconn`. While it is reached no connection is accepted, and clients wait in the kernel's queue.
///
/// A share is held by a connection, or briefly by a listener while it looks for a connection.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct ConnectionLimit {
    /// Negative while more connections exist than a limit that was lowered allows.
    free: AtomicIsize,
    count: AtomicUsize,
    /// Raised when a share has become free, used or not.
    available: Signal,
}

/// One connection's share of a limit.
#[derive(Debug)]
struct Share(Arc<ConnectionLimit>);

/// The limits that apply to a connection of one listener: its own, its frontend's and the process's, as far as they are
/// set.
#[derive(Clone, Debug)]
pub(crate) struct Permits {
    process: Arc<ConnectionLimit>,
    /// The listener's first: a limit that is reached must not keep a share from others even briefly.
    narrower: Vec<Arc<ConnectionLimit>>,
    shortage: Arc<Shortage>,
}

/// A share of each limit, not yet used by a connection.
#[derive(Debug)]
pub(crate) struct Reservation {
    shares: Shares,
}

/// Most listeners have no limits of their own; then this allocates nothing.
#[derive(Debug)]
#[expect(dead_code, reason = "held until they are dropped")]
struct Shares {
    process: Share,
    narrower: Vec<Share>,
}

/// A connection's permit to exist.
#[derive(Debug)]
pub(crate) struct Permit {
    /// Freed after the end was reported.
    _shares: Shares,
    shortage: Arc<Shortage>,
}

impl ConnectionLimit {
    pub(crate) fn new(count: usize) -> Arc<ConnectionLimit> {
        let free = AtomicIsize::new(signed(count));
        Arc::new(ConnectionLimit { free, count: AtomicUsize::new(count), available: Signal::default() })
    }

    /// Takes a share, if one is free.
    fn try_take(self: &Arc<Self>) -> Option<Share> {
        let taken = self.free.fetch_update(SeqCst, SeqCst, |free| (free > 0).then(|| free - 1));
        taken.is_ok().then(|| Share(Arc::clone(self)))
    }

    /// Returns the limit.
    pub(crate) fn count(&self) -> usize {
        self.count.load(SeqCst)
    }

    /// Changes the limit. Connections beyond a lower one continue.
    pub(crate) fn set(&self, count: usize) {
        let before = self.count.swap(count, SeqCst);
        self.free.fetch_add(signed(count) - signed(before), SeqCst);
        self.available.raise();
    }

    /// Waits until a share is free, which another listener may then take first.
    pub(crate) async fn available(&self) {
        self.available.wait_unless(|| self.free.load(SeqCst) > 0).await;
    }
}

fn signed(count: usize) -> isize {
    isize::try_from(count).unwrap_or(isize::MAX)
}

impl Permits {
    pub(crate) fn new(
        process: &Arc<ConnectionLimit>,
        narrower: impl IntoIterator<Item = Arc<ConnectionLimit>>,
        shortage: &Arc<Shortage>,
    ) -> Permits {
        let (process, shortage) = (Arc::clone(process), Arc::clone(shortage));
        Permits { process, narrower: narrower.into_iter().collect(), shortage }
    }

    /// Takes a share of each limit, or returns the limit that is reached.
    pub(crate) fn try_reserve(&self) -> Result<Reservation, &Arc<ConnectionLimit>> {
        let mut narrower = Vec::new();
        for limit in &self.narrower {
            narrower.push(limit.try_take().ok_or(limit)?);
        }
        let process = self.process.try_take().ok_or(&self.process)?;
        Ok(Reservation { shares: Shares { process, narrower } })
    }

    /// Turns a reservation into a connection's permit.
    pub(crate) fn grant(&self, reservation: Reservation) -> Permit {
        Permit { _shares: reservation.shares, shortage: Arc::clone(&self.shortage) }
    }

    /// Returns the state of descriptors and memory that have run out.
    pub(crate) fn shortage(&self) -> &Shortage {
        &self.shortage
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, SeqCst);
        self.0.available.raise();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shortage.connection_ended();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_exact() {
        let limit = ConnectionLimit::new(2);
        let first = limit.try_take().expect("two are free");
        let _second = limit.try_take().expect("one is free");
        assert!(limit.try_take().is_none());
        drop(first);
        assert!(limit.try_take().is_some());
    }

    #[test]
    fn a_limit_may_change() {
        let limit = ConnectionLimit::new(1);
        let first = limit.try_take().expect("one is free");
        limit.set(2);
        let second = limit.try_take().expect("another one is free");
        assert!(limit.try_take().is_none());
        limit.set(1);
        drop(first);
        assert!(limit.try_take().is_none(), "one is still used");
        drop(second);
        assert!(limit.try_take().is_some());
        assert_eq!(limit.count(), 1);
    }

    #[test]
    fn a_returned_share_wakes_a_waiter_and_is_no_end_of_a_connection() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (limit, shortage) = (ConnectionLimit::new(1), Arc::default());
            let share = limit.try_take().expect("one is free");
            let mut available = Box::pin(limit.available());
            let mut ended = Box::pin(Shortage::wait_for_end(&shortage));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(available.as_mut().poll(&mut cx).is_pending());
            assert!(ended.as_mut().poll(&mut cx).is_pending());
            drop(share);
            assert!(available.as_mut().poll(&mut cx).is_ready());
            assert!(ended.as_mut().poll(&mut cx).is_pending());
            let permits = Permits::new(&limit, [], &shortage);
            drop(permits.grant(permits.try_reserve().expect("one is free")));
            assert!(ended.as_mut().poll(&mut cx).is_ready());
        });
    }
}
