//! What is known of the process from its start.

use std::time::{Duration, Instant, SystemTime};

/// The process, as the program describes it when it starts.
#[derive(Clone, Debug)]
pub struct Process {
    /// The version.
    pub version: &'static str,
    /// The number of workers.
    pub workers: usize,
    /// The limit of connections.
    pub maxconn: usize,
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
