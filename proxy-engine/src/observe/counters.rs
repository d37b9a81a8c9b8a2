//! Live counters of a frontend, a listener, a backend and a server: written by the workers, read by any thread.
//!
//! The counters of each object are on cache lines of their own, so that counting for one object slows down no other. A
//! session writes each of them twice, when it arrives and when it leaves. Bytes are counted at the listener and the
//! server only; a frontend and a backend sum up theirs. Reading needs no lock; numbers that belong together may be one
//! session apart.

use std::ops::Deref;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicU64, AtomicUsize};

/// The numbers of present ones and of all arrivals, in one word, so that an arrival is one operation: the low bits hold
/// those present, the high bits the arrivals.
#[derive(Debug, Default)]
struct Presence(AtomicU64);

/// Enough for 16 million at once, and for 10,000 a second over three years.
const PRESENT_BITS: u32 = 24;
const PRESENT: u64 = (1 << PRESENT_BITS) - 1;
/// One arrival, in the high bits.
const ARRIVAL: u64 = 1 << PRESENT_BITS;

impl Presence {
    fn current(&self) -> usize {
        (self.0.load(Relaxed) & PRESENT) as usize
    }

    fn total(&self) -> u64 {
        self.0.load(Relaxed) >> PRESENT_BITS
    }

    /// Counts an arrival, and returns how many are present now.
    fn arrive(&self) -> usize {
        (self.0.fetch_add(ARRIVAL + 1, Relaxed) & PRESENT) as usize + 1
    }

    /// As [`arrive`](Self::arrive), unless the limit is reached.
    fn try_arrive(&self, limit: usize) -> Option<usize> {
        // Sequentially consistent: one task returns a slot and then looks at the queue, another joins the queue and
        // then looks for a slot. At least one of them has to see what the other did.
        let below = |word: u64| (((word & PRESENT) as usize) < limit).then(|| word.wrapping_add(ARRIVAL + 1));
        let before = self.0.fetch_update(SeqCst, SeqCst, below).ok()?;
        Some((before & PRESENT) as usize + 1)
    }

    /// Counts that one leaves and another arrives.
    fn replace(&self) {
        self.0.fetch_add(ARRIVAL, Relaxed);
    }

    fn leave(&self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// What is counted of frontends, listeners, backends and servers alike.
///
/// At a backend, sessions in its queues count as present; at a server, those that hold one of its slots.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Traffic {
    present: Presence,
    /// The arrivals at the last reset.
    base: AtomicU64,
    peak: AtomicUsize,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    denied: AtomicU64,
}

/// The counters of the clients' side: of a frontend or one of its listeners.
pub type FrontCounters = Traffic;

/// The counters of the servers' side: of a backend or one of its servers.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct BackCounters {
    traffic: Traffic,
    queued: AtomicUsize,
    queued_peak: AtomicUsize,
    retries: AtomicU64,
    redispatches: AtomicU64,
    failed_connects: AtomicU64,
    failed_checks: AtomicU64,
    downs: AtomicU64,
}

/// Raises a maximum. Costs only a load as long as the maximum is not exceeded.
fn raise(peak: &AtomicUsize, value: usize) {
    if value > peak.load(Relaxed) {
        peak.fetch_max(value, Relaxed);
    }
}

impl Traffic {
    /// Returns how many are present now.
    pub fn current(&self) -> usize {
        self.present.current()
    }

    /// Returns the most that were present at once.
    pub fn peak(&self) -> usize {
        self.peak.load(Relaxed)
    }

    /// Returns the number of arrivals since the last reset.
    pub fn total(&self) -> u64 {
        self.ever().saturating_sub(self.base.load(Relaxed))
    }

    /// Returns the number of arrivals since the start.
    pub fn ever(&self) -> u64 {
        self.present.total()
    }

    /// Returns the bytes from clients, of sessions that have ended. Of a listener or a server.
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in.load(Relaxed)
    }

    /// Returns the bytes to clients, of sessions that have ended. Of a listener or a server.
    pub fn bytes_out(&self) -> u64 {
        self.bytes_out.load(Relaxed)
    }

    /// Returns the number of connections that rules have rejected before they became sessions; they count as arrived,
    /// too. Of a frontend or a listener.
    pub fn denied(&self) -> u64 {
        self.denied.load(Relaxed)
    }

    pub(crate) fn arrived(&self) {
        raise(&self.peak, self.present.arrive());
    }

    /// Counts an arrival unless the limit is reached, and returns whether it did.
    pub(crate) fn try_arrive(&self, limit: usize) -> bool {
        self.present.try_arrive(limit).map(|current| raise(&self.peak, current)).is_some()
    }

    /// Counts that a slot was passed from one session to another.
    pub(crate) fn passed_on(&self) {
        self.present.replace();
    }

    pub(crate) fn left(&self) {
        self.present.leave();
    }

    /// Resets the highest number of those present, and with `counts` the other numbers as well.
    pub(crate) fn reset(&self, counts: bool) {
        self.peak.store(0, Relaxed);
        if counts {
            self.base.store(self.ever(), Relaxed);
            [&self.bytes_in, &self.bytes_out, &self.denied]
                .into_iter()
                .for_each(|count| count.store(0, Relaxed));
        }
    }

    pub(crate) fn denied_one(&self) {
        add(&self.denied, 1);
    }

    pub(crate) fn moved(&self, to_server: u64, to_client: u64) {
        add(&self.bytes_in, to_server);
        add(&self.bytes_out, to_client);
    }
}

/// Adds a number unless it is 0: a session without bytes dirties no cache line.
fn add(counter: &AtomicU64, more: u64) {
    if more > 0 {
        counter.fetch_add(more, Relaxed);
    }
}

impl Deref for BackCounters {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.traffic
    }
}

impl BackCounters {
    /// Returns the number of sessions in the queue.
    pub fn queued(&self) -> usize {
        self.queued.load(Relaxed)
    }

    /// Returns the most sessions that were in the queue at once.
    pub fn queued_peak(&self) -> usize {
        self.queued_peak.load(Relaxed)
    }

    /// Returns the number of attempts to connect that followed a failed one to the same server.
    pub fn retries(&self) -> u64 {
        self.retries.load(Relaxed)
    }

    /// Returns the number of sessions that went to another server after a failure; of a server, those that left it.
    pub fn redispatches(&self) -> u64 {
        self.redispatches.load(Relaxed)
    }

    /// Returns the number of sessions that ended without a server: no attempts left, no slot in time, or no usable
    /// server.
    pub fn failed_connects(&self) -> u64 {
        self.failed_connects.load(Relaxed)
    }

    /// Resets the highest numbers, and with `counts` the other numbers as well.
    pub(crate) fn reset(&self, counts: bool) {
        self.traffic.reset(counts);
        self.queued_peak.store(0, Relaxed);
        if counts {
            let counts =
                [&self.retries, &self.redispatches, &self.failed_connects, &self.failed_checks, &self.downs];
            counts.into_iter().for_each(|count| count.store(0, Relaxed));
        }
    }

    /// Returns the number of checks that have failed. Of a server.
    pub fn failed_checks(&self) -> u64 {
        self.failed_checks.load(Relaxed)
    }

    /// Returns how often it went down.
    pub fn downs(&self) -> u64 {
        self.downs.load(Relaxed)
    }

    pub(crate) fn check_failed(&self) {
        self.failed_checks.fetch_add(1, Relaxed);
    }

    pub(crate) fn went_down(&self) {
        self.downs.fetch_add(1, Relaxed);
    }

    pub(crate) fn queue_grew(&self) {
        raise(&self.queued_peak, self.queued.fetch_add(1, Relaxed) + 1);
    }

    pub(crate) fn queue_shrank(&self) {
        self.queued.fetch_sub(1, Relaxed);
    }

    pub(crate) fn retried(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(crate) fn redispatched(&self) {
        self.redispatches.fetch_add(1, Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.failed_connects.fetch_add(1, Relaxed);
    }
}
