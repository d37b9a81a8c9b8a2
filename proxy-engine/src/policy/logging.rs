//! What is reported of the sessions of a frontend, and when.

/// The moment at which a session is reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogMoment {
    /// No session is reported.
    #[default]
    Never,
    /// When it is accepted, and not again: the default of a frontend without a log format.
    Accepted,
    /// When its server is connected to, or could not be: `option logasap`.
    Connected,
    /// When it has ended.
    Ended,
}

/// What is reported of the sessions of a frontend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// The moment at which a session is reported.
    pub moment: LogMoment,
    /// Whether records have the transports and paths of the connections, which takes some system calls.
    pub connections: bool,
    /// Whether records have the proxy's own address towards the server, which takes another one.
    pub own_address: bool,
    /// Whether records read facts of the server's connection itself, which takes some more.
    pub server_connection: bool,
    /// The most bytes of a request line.
    pub longest_request: usize,
}

impl Default for LogOptions {
    /// Reports nothing.
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
    /// Returns whether records of sessions are wanted at all.
    pub fn wants_sessions(&self) -> bool {
        matches!(self.moment, LogMoment::Connected | LogMoment::Ended)
    }
}
