//! What a change of a server's state reaches beyond the backend: its log, and the sessions of all workers.

use std::fmt;
use std::sync::{Arc, OnceLock};

use proxy_rules::Severity;

use crate::observe::{Cause, LogTarget};
use crate::upstream::server::ServerKey;

/// Ends what all workers have of a server. It does not wait for it.
pub(crate) trait ServerSessions: fmt::Debug + Send + Sync {
    /// Ends the sessions and exchanges that are led to a server.
    fn end(&self, server: ServerKey, cause: Cause);

    /// Closes the idle connections to a server.
    fn close_idle(&self, server: ServerKey);
}

/// The log and the sessions that changes reach. Each is set once, by the program and by the engine.
#[derive(Debug, Default)]
pub(in crate::upstream) struct Effects {
    pub(super) log: OnceLock<Arc<dyn LogTarget>>,
    pub(super) sessions: OnceLock<Arc<dyn ServerSessions>>,
}

impl Effects {
    /// Logs a line.
    pub(in crate::upstream) fn report(&self, (severity, line): (Severity, String)) {
        if let Some(log) = self.log.get()
            && log.wants(severity)
        {
            log.write(severity, line.as_bytes(), b"");
        }
    }

    /// Ends the sessions of a server.
    pub(super) fn end_sessions(&self, server: ServerKey, cause: Cause) {
        if let Some(sessions) = self.sessions.get() {
            sessions.end(server, cause);
        }
    }

    /// Closes the idle connections to a server.
    pub(in crate::upstream) fn close_idle(&self, server: ServerKey) {
        if let Some(sessions) = self.sessions.get() {
            sessions.close_idle(server);
        }
    }
}
