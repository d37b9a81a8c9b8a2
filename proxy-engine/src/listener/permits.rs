//! Limits of the concurrent connections of the process, a frontend and a listener: exact, shared by all workers. And the
//! limits of new ones in a second, which only delay connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::SeqCst};

use super::rate_limit::RateLimit;
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
    rates: Rates,
    shortage: Arc<Shortage>,
}

/// The limits of connections and sessions in a second that apply to a listener.
#[derive(Clone, Debug, Default)]
struct Rates {
    connections: Option<Arc<RateLimit>>,
    /// Those of the process and of the frontend.
    sessions: Arc<[Arc<RateLimit>]>,
}

/// A limit that is reached.
#[derive(Debug)]
pub(crate) enum Reached<'p> {
    Connections(&'p ConnectionLimit),
    Rate(&'p RateLimit),
}

impl Reached<'_> {
    /// Waits until there may be another connection.
    pub(crate) async fn available(self) {
        match self {
            Reached::Connections(limit) => limit.available().await,
            Reached::Rate(limit) => limit.available().await,
        }
    }
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
    session_rates: Arc<[Arc<RateLimit>]>,
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
        Permits { process, narrower: narrower.into_iter().collect(), rates: Rates::default(), shortage }
    }

    /// Adds limits in a second: of connections, and of sessions.
    pub(crate) fn with_rates(
        self,
        connections: &Arc<RateLimit>,
        sessions: impl IntoIterator<Item = Arc<RateLimit>>,
    ) -> Permits {
        let connections = Some(Arc::clone(connections));
        Permits { rates: Rates { connections, sessions: sessions.into_iter().collect() }, ..self }
    }

    /// Takes a share of each limit, or returns the limit that is reached.
    pub(crate) fn try_reserve(&self) -> Result<Reservation, Reached<'_>> {
        let mut rates = self.rates.connections.iter().chain(self.rates.sessions.iter());
        if let Some(reached) = rates.find(|rate| rate.wait().is_some()) {
            return Err(Reached::Rate(reached));
        }
        let mut narrower = Vec::new();
        for limit in &self.narrower {
            narrower.push(limit.try_take().ok_or(Reached::Connections(limit))?);
        }
        let process = self.process.try_take().ok_or(Reached::Connections(&self.process))?;
        Ok(Reservation { shares: Shares { process, narrower } })
    }

    /// Turns a reservation into a connection's permit.
    pub(crate) fn grant(&self, reservation: Reservation) -> Permit {
        self.rates.connections.iter().chain(self.rates.sessions.iter()).for_each(|rate| rate.count());
        Permit {
            _shares: reservation.shares,
            session_rates: Arc::clone(&self.rates.sessions),
            shortage: Arc::clone(&self.shortage),
        }
    }

    /// Returns the state of descriptors and memory that have run out.
    pub(crate) fn shortage(&self) -> &Shortage {
        &self.shortage
    }
}

impl Permit {
    /// Records that rules do not admit the connection: it is no session.
    pub(crate) fn session_refused(&self) {
        self.session_rates.iter().for_each(|rate| rate.discount());
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
