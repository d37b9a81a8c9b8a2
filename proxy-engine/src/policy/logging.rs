//! What is told of the sessions of a frontend, and when.

/// When the observer hears of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogMoment {
    /// Never.
    #[default]
    Never,
    /// When it is accepted, and never again: what a frontend without a log format does.
    Accepted,
    /// When its server is connected to, or could not be: `option logasap`.
    Connected,
    /// When it has ended.
    Ended,
}

/// What the observer hears of the sessions of a frontend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// When.
    pub moment: LogMoment,
    /// Whether records tell what the connections really were and which paths they had. It takes some system calls.
    pub connections: bool,
}

impl LogOptions {
    /// Whether records of sessions are wanted at all.
    pub fn wants_sessions(&self) -> bool {
        matches!(self.moment, LogMoment::Connected | LogMoment::Ended)
    }
}
