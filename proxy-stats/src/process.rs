//! What is known of the process from its start.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// A number that is read when it is shown.
#[derive(Clone)]
pub struct Reading(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Reading {
    /// Creates one that is read with this function.
    pub fn new(read: impl Fn() -> u64 + Send + Sync + 'static) -> Reading {
        Reading(Arc::new(read))
    }

    /// Returns the number as of now.
    pub fn get(&self) -> u64 {
        (self.0)()
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reading").field(&self.get()).finish()
    }
}

/// The process, as the program describes it when it starts.
#[derive(Clone, Debug)]
pub struct Process {
    /// The version.
    pub version: &'static str,
    /// The day of its release, as `2026/01/31`.
    pub released: &'static str,
    /// The number of workers.
    pub workers: usize,
    /// The limit of connections.
    pub maxconn: usize,
    /// The limit on memory, in bytes.
    pub memory: Option<u64>,
    /// The bytes that are allocated.
    pub allocated: Reading,
    /// The limit on open descriptors.
    pub open_files: u32,
    /// The most pipes for splicing.
    pub pipes: usize,
    /// The warnings since the start.
    pub warnings: Reading,
    /// The log lines that no target took.
    pub lost_logs: Reading,
    /// The name of the machine.
    pub node: Option<String>,
    /// A description for people.
    pub description: Option<String>,
    /// The start by the wall clock.
    pub started: SystemTime,
    /// The start by the monotonic clock.
    pub since: Instant,
}

impl Process {
    /// Returns the time since the start.
    pub fn uptime(&self) -> Duration {
        self.since.elapsed()
    }
}
