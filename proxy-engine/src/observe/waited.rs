//! The queues that a session can wait in.

/// Which queue a session waited in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    InBackend,
    AtServer,
}
