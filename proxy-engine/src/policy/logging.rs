//! What is told of the sessions of a frontend, and when.

/// When a session is told of.
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

/// What is told of the sessions of a frontend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// When a session is told of.
    pub moment: LogMoment,
    /// Whether records tell what the connections really were and which paths they had. It takes some system calls.
    pub connections: bool,
    /// Whether they tell the proxy's own address towards the server. It takes another.
    pub own_address: bool,
    /// Whether they look at the server's connection itself. It takes some more.
    pub server_connection: bool,
    /// The most bytes of a request line.
    pub longest_request: usize,
}

impl Default for LogOptions {
    /// Nothing.
    fn default() -> LogOptions {
        LogOptions {
            moment: LogMoment::Never,
            connections: false,
            own_address: false,
            server_connection: false,
            longest_request: usize::MAX,
        }
    }
}

impl LogOptions {
    /// Whether records of sessions are wanted at all.
    pub fn wants_sessions(&self) -> bool {
        matches!(self.moment, LogMoment::Connected | LogMoment::Ended)
    }
}
