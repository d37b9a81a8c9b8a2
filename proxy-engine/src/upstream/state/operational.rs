//! The operational state of a server: what checks, or operators in their place, say about it.

/// The operational state of a server. The numbers are those that HAProxy writes into state files.
///
/// ```text
///  stopped ──► starting ──slow start over──► running ──► stopping
///     ▲            │                            │           │
///     └────────────┴────────────────────────────┴───────────┘   each may become any other
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Operational {
    /// The server is down.
    Stopped = 0,
    /// The server is up, and gets fewer sessions until its slow start has ended.
    Starting = 1,
    /// The server is up.
    Running = 2,
    /// The server is up, and gets no new sessions.
    Stopping = 3,
}

impl Operational {
    /// Returns whether the server may get new sessions.
    pub fn takes_sessions(self) -> bool {
        matches!(self, Operational::Starting | Operational::Running)
    }

    /// Returns the state with this number, of which only the two lowest bits count.
    pub(super) fn of_bits(bits: u64) -> Operational {
        match bits & 3 {
            0 => Operational::Stopped,
            1 => Operational::Starting,
            2 => Operational::Running,
            _ => Operational::Stopping,
        }
    }
}
