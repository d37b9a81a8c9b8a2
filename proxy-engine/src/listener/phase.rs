//! How far the engine is in its life.

/// Told to all workers and acceptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// Nothing new is accepted; sessions go on.
    Draining,
    /// Everything is dropped.
    Stopped,
}
