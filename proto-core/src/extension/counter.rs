//! Counters that a transport keeps for the whole process.

use std::fmt;

/// How the value of a counter changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterKind {
    /// Only increases.
    Total,
    /// Increases and decreases.
    Gauge,
}

/// Formats the kind as Prometheus names it.
impl fmt::Display for CounterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CounterKind::Total => "counter",
            CounterKind::Gauge => "gauge",
        })
    }
}

/// A counter that a crate registers. The crate keeps the value, in a static or in the kernel; it is read when it is
/// shown.
#[derive(Clone, Copy)]
pub struct CounterEntry {
    /// The name: lower-case letters, digits and `_`; that of a total ends in `_total`.
    pub name: &'static str,
    /// How the value changes.
    pub kind: CounterKind,
    /// One line of help, with the unit.
    pub help: &'static str,
    /// Reads the value; returns `None` if this machine does not have it.
    pub read: fn() -> Option<u64>,
}

impl fmt::Debug for CounterEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CounterEntry({:?}, {})", self.name, self.kind)
    }
}
