//! The counter of scrambled bytes, for the whole process.

use std::sync::atomic::{AtomicU64, Ordering};

use proto_core::extension::{CounterEntry, CounterKind};

/// The bytes of both directions. No other memory access is ordered by it.
static BYTES: AtomicU64 = AtomicU64::new(0);

pub(crate) const COUNTER: CounterEntry = CounterEntry {
    name: "scr_bytes_total",
    kind: CounterKind::Total,
    help: "bytes that were scrambled, in both directions of all connections",
    read: || Some(BYTES.load(Ordering::Relaxed)),
};

pub(super) fn count(bytes: u64) {
    BYTES.fetch_add(bytes, Ordering::Relaxed);
}
