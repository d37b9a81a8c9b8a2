//! The phases of the engine's life.

/// The phase that all workers and acceptors watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// No new connections are accepted; sessions go on.
    Draining,
    /// All connections are dropped.
    Stopped,
}
