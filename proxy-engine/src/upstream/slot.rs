//! A slot of a server: one of the concurrent sessions or exchanges that `maxconn` allows.

use std::fmt;
use std::sync::Arc;

use super::backend::Backend;
use super::server::Server;

/// A slot of a server. Dropping it releases the slot, or passes it on to a waiting session.
pub(crate) struct ServerSlot {
    backend: Arc<Backend>,
    server: usize,
}

impl ServerSlot {
    /// Wraps a slot that was counted already.
    pub(super) fn new(backend: &Arc<Backend>, server: usize) -> ServerSlot {
        ServerSlot { backend: Arc::clone(backend), server }
    }

    /// Returns the index of the server in its backend.
    pub(crate) fn index(&self) -> usize {
        self.server
    }

    /// Returns the server.
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
