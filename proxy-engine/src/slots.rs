//! How many connections the process, a frontend and a listener may have at once: exact, shared by all workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::sync::Notify;

/// `maxconn`. While all slots are taken nothing is accepted, and clients wait in the kernel's queue.
///
/// A slot is held by a connection, or for a moment by a listener that looks whether there is one.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Slots {
    free: AtomicUsize,
    starving: AtomicUsize,
    /// A slot has become free, used or not.
    available: Signal,
    /// A connection has ended, and with it went its descriptors and memory.
    ended: Signal,
}

/// A slot that is held and not yet a connection's.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Slots>);

/// The limits that a connection of one listener has to pass: its own, its frontend's and the process's, as far as there
/// are any.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    process: Arc<Slots>,
    /// The listener's first: one that is full must not keep a slot from others even for a moment.
    narrower: Vec<Arc<Slots>>,
}

/// A slot of each of them, held and not yet a connection's.
#[derive(Debug)]
pub(crate) struct Pass {
    process: Slot,
    narrower: Narrower,
}

/// Most listeners have no limits of their own, and then this takes no memory of its own.
#[derive(Debug)]
struct Narrower(#[expect(dead_code, reason = "held until it is dropped")] Vec<Slot>);

/// A connection's slots.
#[derive(Debug)]
pub(crate) struct Taken {
    process: Slot,
    #[expect(dead_code, reason = "held until it is dropped")]
    narrower: Narrower,
}

/// A session that has a client and nothing left to reach its server with; no longer so when dropped.
#[derive(Debug)]
pub(crate) struct Starving<'a>(&'a Slots);

impl Slots {
    pub(crate) fn new(count: usize) -> Arc<Slots> {
        Arc::new(Slots {
            free: AtomicUsize::new(count),
            starving: AtomicUsize::new(0),
            available: Signal::default(),
            ended: Signal::default(),
        })
    }

    /// A slot, if one is free.
    pub(crate) fn try_take(self: &Arc<Self>) -> Option<Slot> {
        let taken = self.free.fetch_update(SeqCst, SeqCst, |free| free.checked_sub(1));
        taken.is_ok().then(|| Slot(Arc::clone(self)))
    }

    /// Waits until a slot is free, which somebody else may then take first.
    pub(crate) async fn available(&self) {
        self.available.wait_unless(|| self.free.load(SeqCst) > 0).await;
    }

    /// Waits until a connection ends.
    pub(crate) async fn ended(&self) {
        self.ended.wait_unless(|| false).await;
    }

    /// Whether there are sessions for which descriptors or memory have run out. What is freed is theirs first.
    pub(crate) fn is_starving(&self) -> bool {
        self.starving.load(SeqCst) > 0
    }
}

impl Gate {
    pub(crate) fn new(process: &Arc<Slots>, narrower: impl IntoIterator<Item = Arc<Slots>>) -> Gate {
        Gate { process: Arc::clone(process), narrower: narrower.into_iter().collect() }
    }

    /// A slot of each, or which of them has none.
    pub(crate) fn try_take(&self) -> Result<Pass, &Arc<Slots>> {
        let mut narrower = Vec::new();
        for slots in &self.narrower {
            narrower.push(slots.try_take().ok_or(slots)?);
        }
        let process = self.process.try_take().ok_or(&self.process)?;
        Ok(Pass { process, narrower: Narrower(narrower) })
    }

    /// Waits until a connection of the process ends.
    pub(crate) async fn ended(&self) {
        self.process.ended().await;
    }

    /// Whether there are sessions for which descriptors or memory have run out. What is freed is theirs first.
    pub(crate) fn is_starving(&self) -> bool {
        self.process.is_starving()
    }
}

impl Pass {
    /// For a connection.
    pub(crate) fn taken(self) -> Taken {
        Taken { process: self.process, narrower: self.narrower }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, SeqCst);
        self.0.available.raise();
    }
}

impl Taken {
    pub(crate) fn starve(&self) -> Starving<'_> {
        self.process.0.starving.fetch_add(1, SeqCst);
        Starving(&self.process.0)
    }

    /// Waits until another connection ends.
    pub(crate) async fn another_ended(&self) {
        self.process.0.ended().await;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.process.0.ended.raise();
    }
}

impl Drop for Starving<'_> {
    fn drop(&mut self) {
        self.0.starving.fetch_sub(1, SeqCst);
    }
}

/// Wakes whoever waits, and costs one load while nobody does.
#[derive(Debug, Default)]
struct Signal {
    waiting: AtomicUsize,
    notify: Notify,
}

impl Signal {
    fn raise(&self) {
        if self.waiting.load(SeqCst) > 0 {
            self.notify.notify_waiters();
        }
    }

    /// Waits for the next raise, unless what is waited for is there already. It is looked at after this waiter was
    /// counted, and `raise` looks at the count after it was made true; in one order of both, one sees the other.
    async fn wait_unless(&self, there: impl Fn() -> bool) {
        let _counted = Counted::new(&self.waiting);
        let raised = self.notify.notified();
        if !there() {
            raised.await;
        }
    }
}

struct Counted<'a>(&'a AtomicUsize);

impl Counted<'_> {
    fn new(count: &AtomicUsize) -> Counted<'_> {
        count.fetch_add(1, SeqCst);
        Counted(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_exact() {
        let slots = Slots::new(2);
        let first = slots.try_take().expect("two are free");
        let _second = slots.try_take().expect("one is free");
        assert!(slots.try_take().is_none());
        drop(first);
        assert!(slots.try_take().is_some());
    }

    #[test]
    fn a_slot_given_back_wakes_a_waiter_and_is_no_end_of_a_connection() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let slots = Slots::new(1);
            let slot = slots.try_take().expect("one is free");
            let mut available = Box::pin(slots.available());
            let mut ended = Box::pin(slots.ended());
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(available.as_mut().poll(&mut cx).is_pending());
            assert!(ended.as_mut().poll(&mut cx).is_pending());
            drop(slot);
            assert!(available.as_mut().poll(&mut cx).is_ready());
            assert!(ended.as_mut().poll(&mut cx).is_pending());
            drop(Gate::new(&slots, []).try_take().expect("one is free").taken());
            assert!(ended.as_mut().poll(&mut cx).is_ready());
        });
    }
}
