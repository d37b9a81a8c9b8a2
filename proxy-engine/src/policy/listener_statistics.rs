//! Whether statistics show the listeners of a frontend.

/// `option socket-stats`: statistics show each listener.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListenerStatistics(pub bool);
