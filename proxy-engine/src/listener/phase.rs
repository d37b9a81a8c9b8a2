//! The phases of the engine's life.

/// The phase that all workers and acceptors watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// Nothing listens until it is resumed; sessions go on.
    Paused,
    /// No new connections are accepted; sessions go on.
    Draining,
    /// All connections are dropped.
    Stopped,
}

impl Phase {
    /// Whether connections are accepted, or will be once it is resumed.
    pub(crate) fn accepts_again(self) -> bool {
        matches!(self, Phase::Running | Phase::Paused)
    }
}
