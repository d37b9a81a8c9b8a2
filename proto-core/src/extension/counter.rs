//! Counters that a transport keeps for the whole process.

use std::fmt;

/// What a number does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterKind {
    /// It only grows.
    Total,
    /// It goes up and down.
    Gauge,
}

/// The kind's name, as Prometheus has it.
impl fmt::Display for CounterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CounterKind::Total => "counter",
            CounterKind::Gauge => "gauge",
        })
    }
}

/// A counter that a crate brings. The crate counts, in a static of its own or in the kernel; whoever shows it asks.
#[derive(Clone, Copy)]
pub struct CounterEntry {
    /// Its name: small letters, digits and `_`; one of a total ends in `_total`.
    pub name: &'static str,
    /// What the number does.
    pub kind: CounterKind,
    /// One line of help, with the unit.
    pub help: &'static str,
    /// Reads it; `None` where this machine does not have the number.
    pub read: fn() -> Option<u64>,
}

impl fmt::Debug for CounterEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CounterEntry({:?}, {})", self.name, self.kind)
    }
}
