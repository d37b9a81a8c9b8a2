//! Live counters of a frontend, a listener, a backend and a server: written by the workers, read by whoever asks.
//!
//! The counters of each object are on cache lines of their own, so that counting for one object disturbs no other. A
//! session writes each of them twice, when it arrives and when it leaves. Bytes are counted at the listener and the
//! server only; a frontend and a backend add up theirs. Reading needs no lock; numbers that belong together may be one
//! session apart.

use std::ops::Deref;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicU64, AtomicUsize};

/// How many are present and have arrived, in one word, so that an arrival is one operation: the low bits hold those
/// present, the others all arrivals.
#[derive(Debug, Default)]
struct Presence(AtomicU64);

/// Enough for 16 million at once, and for 10,000 a second over three years.
const PRESENT_BITS: u32 = 24;
const PRESENT: u64 = (1 << PRESENT_BITS) - 1;
/// One arrival.
const ARRIVAL: u64 = 1 << PRESENT_BITS;

impl Presence {
    fn current(&self) -> usize {
        (self.0.load(Relaxed) & PRESENT) as usize
    }

    fn total(&self) -> u64 {
        self.0.load(Relaxed) >> PRESENT_BITS
    }

    /// Returns how many are present now.
    fn arrive(&self) -> usize {
        (self.0.fetch_add(ARRIVAL + 1, Relaxed) & PRESENT) as usize + 1
    }

    /// The same, unless the limit is reached.
    fn try_arrive(&self, limit: usize) -> Option<usize> {
        // Sequentially consistent: a releaser that gives a slot back and then sees no queue must be seen by whoever
        // joined the queue and then looks for a slot.
        let below = |word: u64| (((word & PRESENT) as usize) < limit).then(|| word.wrapping_add(ARRIVAL + 1));
        let before = self.0.fetch_update(SeqCst, SeqCst, below).ok()?;
        Some((before & PRESENT) as usize + 1)
    }

    /// One leaves and another arrives.
    fn replace(&self) {
        self.0.fetch_add(ARRIVAL, Relaxed);
    }

    fn leave(&self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// What is counted of frontends, listeners, backends and servers alike.
///
/// At a backend, sessions in its queues count as present; at a server, those that hold a slot of it.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Traffic {
    present: Presence,
    peak: AtomicUsize,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    denied: AtomicU64,
}

/// What is counted of the clients' side: a frontend or one of its listeners.
pub type FrontCounters = Traffic;

/// What is counted of the servers' side: a backend or one of its servers.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct BackCounters {
    traffic: Traffic,
    queued: AtomicUsize,
    queued_peak: AtomicUsize,
    retries: AtomicU64,
    redispatches: AtomicU64,
    failed_connects: AtomicU64,
}

/// Raises a maximum. A load alone as long as it is not exceeded.
fn raise(peak: &AtomicUsize, value: usize) {
    if value > peak.load(Relaxed) {
        peak.fetch_max(value, Relaxed);
    }
}

impl Traffic {
    /// Presence at this moment.
    pub fn current(&self) -> usize {
        self.present.current()
    }

    /// The most there were at once.
    pub fn peak(&self) -> usize {
        self.peak.load(Relaxed)
    }

    /// Presence since the start.
    pub fn total(&self) -> u64 {
        self.present.total()
    }

    /// Of a listener or a server: bytes from clients, of sessions that have ended.
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in.load(Relaxed)
    }

    /// Of a listener or a server: bytes to clients, of sessions that have ended.
    pub fn bytes_out(&self) -> u64 {
        self.bytes_out.load(Relaxed)
    }

    /// Of a frontend or a listener: connections that rules have rejected before they became sessions. They have arrived,
    /// too.
    pub fn denied(&self) -> u64 {
        self.denied.load(Relaxed)
    }

    pub(crate) fn arrived(&self) {
        raise(&self.peak, self.present.arrive());
    }

    /// One more, if that is not above the limit.
    pub(crate) fn try_arrive(&self, limit: usize) -> bool {
        self.present.try_arrive(limit).map(|current| raise(&self.peak, current)).is_some()
    }

    /// A slot goes from one session to another.
    pub(crate) fn passed_on(&self) {
        self.present.replace();
    }

    pub(crate) fn left(&self) {
        self.present.leave();
    }

    pub(crate) fn denied_one(&self) {
        add(&self.denied, 1);
    }

    pub(crate) fn moved(&self, to_server: u64, to_client: u64) {
        add(&self.bytes_in, to_server);
        add(&self.bytes_out, to_client);
    }
}

/// Adds what is not nothing: a session without bytes writes no line.
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
    /// Sessions in the queue at this moment.
    pub fn queued(&self) -> usize {
        self.queued.load(Relaxed)
    }

    /// The most there were in the queue at once.
    pub fn queued_peak(&self) -> usize {
        self.queued_peak.load(Relaxed)
    }

    /// Attempts to connect that followed a failed one to the same server.
    pub fn retries(&self) -> u64 {
        self.retries.load(Relaxed)
    }

    /// Sessions that went to another server after a failure; of a server, those that went away from it.
    pub fn redispatches(&self) -> u64 {
        self.redispatches.load(Relaxed)
    }

    /// Sessions that ended without a server: attempts used up, waited in vain, or none to choose.
    pub fn failed_connects(&self) -> u64 {
        self.failed_connects.load(Relaxed)
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
