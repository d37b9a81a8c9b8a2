//! How many connections the process may have at once: exact, shared by all workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// `maxconn`. While all slots are taken nothing is accepted, and clients wait in the kernel's queue.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Slots {
    free: AtomicUsize,
    freed: Notify,
}

/// One connection's slot; free again when dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Slots>);

impl Slots {
    pub(crate) fn new(count: usize) -> Arc<Slots> {
        Arc::new(Slots { free: AtomicUsize::new(count), freed: Notify::new() })
    }

    fn try_take(self: &Arc<Self>) -> Option<Slot> {
        self.free
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |free| free.checked_sub(1))
            .is_ok()
            .then(|| Slot(Arc::clone(self)))
    }

    /// A slot, as soon as there is one. Cancel-safe.
    pub(crate) async fn take(self: &Arc<Self>) -> Slot {
        loop {
            // Before looking, so that one that is freed in between is not missed.
            let freed = self.freed.notified();
            if let Some(slot) = self.try_take() {
                return slot;
            }
            freed.await;
        }
    }

    /// When the next slot is freed.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, Ordering::AcqRel);
        // Costs one load while nobody waits.
        self.0.freed.notify_waiters();
    }
}
