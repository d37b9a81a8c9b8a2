//! A slot of a server: one session or exchange of as many as `maxconn` allows at once.

use std::fmt;
use std::sync::Arc;

use super::backend::Backend;
use super::server::Server;

/// A slot of a server. Given back, or passed on to a session that waits for it, when dropped.
pub(crate) struct ServerSlot {
    backend: Arc<Backend>,
    server: usize,
}

impl ServerSlot {
    /// One that was counted already.
    pub(super) fn new(backend: &Arc<Backend>, server: usize) -> ServerSlot {
        ServerSlot { backend: Arc::clone(backend), server }
    }

    /// The index of the server in its backend.
    pub(crate) fn index(&self) -> usize {
        self.server
    }

    /// The server.
    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.backend.servers()[self.server]
    }
}

impl Drop for ServerSlot {
    fn drop(&mut self) {
        self.backend.release(self.server);
    }
}

impl fmt::Debug for ServerSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.server().name();
        f.debug_struct("ServerSlot").field("server", &name).finish_non_exhaustive()
    }
}
