//! Live counters of a frontend, a listener, a backend and a server: written by the workers, read by whoever asks.
//!
//! Each tally is on cache lines of its own, so that counting for one object disturbs no other. A session writes each
//! tally twice, when it comes and when it goes. Bytes are counted at the listener and the server only; a frontend and a
//! backend add up theirs. Reading needs no lock; numbers that belong together may be a session apart.

use std::ops::Deref;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicU64, AtomicUsize};

/// How many there are and have been, in one word, so that coming is one operation: the low bits hold those who are
/// there, the others all who came.
#[derive(Debug, Default)]
struct Visitors(AtomicU64);

/// Enough for 16 million at once, and for 10,000 a second over three years.
const CURRENT_BITS: u32 = 24;
const CURRENT: u64 = (1 << CURRENT_BITS) - 1;
/// One who came.
const CAME: u64 = 1 << CURRENT_BITS;

impl Visitors {
    fn current(&self) -> usize {
        (self.0.load(Relaxed) & CURRENT) as usize
    }

    fn total(&self) -> u64 {
        self.0.load(Relaxed) >> CURRENT_BITS
    }

    /// Returns how many are there now.
    fn arrive(&self) -> usize {
        (self.0.fetch_add(CAME + 1, Relaxed) & CURRENT) as usize + 1
    }

    /// The same unless there are as many as may be.
    fn try_arrive(&self, limit: usize) -> Option<usize> {
        // Sequentially consistent: a releaser that gives a slot back and then sees no queue must be seen by whoever
        // joined the queue and then looks for a slot.
        let below = |word: u64| (((word & CURRENT) as usize) < limit).then(|| word.wrapping_add(CAME + 1));
        let before = self.0.fetch_update(SeqCst, SeqCst, below).ok()?;
        Some((before & CURRENT) as usize + 1)
    }

    /// One goes and another comes.
    fn replace(&self) {
        self.0.fetch_add(CAME, Relaxed);
    }

    fn leave(&self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// What is counted of all that has visitors: frontends, listeners, backends, servers.
///
/// Of a backend those in its queues count too; of a server, those that hold a slot of it.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Traffic {
    visitors: Visitors,
    peak: AtomicUsize,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// What is counted of the clients' side: a frontend or one of its listeners.
pub type FrontTally = Traffic;

/// What is counted of the servers' side: a backend or one of its servers.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct BackTally {
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
    /// Visitors at this moment.
    pub fn current(&self) -> usize {
        self.visitors.current()
    }

    /// The most there were at once.
    pub fn peak(&self) -> usize {
        self.peak.load(Relaxed)
    }

    /// Visitors since the start.
    pub fn total(&self) -> u64 {
        self.visitors.total()
    }

    /// Of a listener or a server: bytes from clients, of sessions that have ended.
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in.load(Relaxed)
    }

    /// Likewise to clients.
    pub fn bytes_out(&self) -> u64 {
        self.bytes_out.load(Relaxed)
    }

    pub(crate) fn arrived(&self) {
        raise(&self.peak, self.visitors.arrive());
    }

    /// One more, if that is not above the limit.
    pub(crate) fn try_arrive(&self, limit: usize) -> bool {
        self.visitors.try_arrive(limit).map(|current| raise(&self.peak, current)).is_some()
    }

    /// A slot goes from one session to another.
    pub(crate) fn passed_on(&self) {
        self.visitors.replace();
    }

    pub(crate) fn left(&self) {
        self.visitors.leave();
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

impl Deref for BackTally {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.traffic
    }
}

impl BackTally {
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
