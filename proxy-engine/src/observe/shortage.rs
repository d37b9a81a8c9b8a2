//! Descriptors and memory that have run out, and connections whose end frees some.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use proxy_relay::{Budget, MemoryLimit};
use tokio::sync::Notify;

/// Whether any session has a client but no descriptors or memory to reach its server. Shared by all workers.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Shortage {
    starving: AtomicUsize,
    memory: Budget,
    /// Raised when a client's connection has ended, which frees its descriptors and memory.
    ended: Signal,
}

/// A session for which descriptors or memory have run out, until this value is dropped.
#[derive(Debug)]
pub(crate) struct Starving<'a>(&'a Shortage);

impl Shortage {
    /// With a limit on memory, if there is one.
    pub(crate) fn with_memory(memory: Option<MemoryLimit>) -> Shortage {
        Shortage { memory: Budget::new(memory), ..Shortage::default() }
    }

    /// Returns the memory that connections may take.
    pub(crate) fn memory(&self) -> Budget {
        self.memory
    }

    /// Records that descriptors or memory have run out for a session.
    pub(crate) fn starve(&self) -> Starving<'_> {
        self.starving.fetch_add(1, SeqCst);
        Starving(self)
    }

    /// Returns whether there are such sessions. What is freed is theirs first.
    pub(crate) fn is_starving(&self) -> bool {
        self.starving.load(SeqCst) > 0
    }

    /// Records that a connection has ended.
    pub(crate) fn connection_ended(&self) {
        self.ended.raise();
    }

    /// Waits until a connection ends.
    pub(crate) async fn wait_for_end(&self) {
        self.ended.wait_unless(|| false).await;
    }
}

impl Drop for Starving<'_> {
    fn drop(&mut self) {
        self.0.starving.fetch_sub(1, SeqCst);
    }
}

/// Wakes waiting tasks. Costs one load while there are none.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    waiting: AtomicUsize,
    notify: Notify,
}

impl Signal {
    pub(crate) fn raise(&self) {
        if self.waiting.load(SeqCst) > 0 {
            self.notify.notify_waiters();
        }
    }

    /// Waits for the next raise, unless the condition holds already. The condition is read after this waiter was
    /// counted, and `raise` reads the count after the condition was made true: in the single total order one of them
    /// sees the other.
    pub(crate) async fn wait_unless(&self, holds: impl Fn() -> bool) {
        let _counted = CountedWaiter::new(&self.waiting);
        let raised = self.notify.notified();
        if !holds() {
            raised.await;
        }
    }
}

struct CountedWaiter<'a>(&'a AtomicUsize);

impl CountedWaiter<'_> {
    fn new(count: &AtomicUsize) -> CountedWaiter<'_> {
        count.fetch_add(1, SeqCst);
        CountedWaiter(count)
    }
}

impl Drop for CountedWaiter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
