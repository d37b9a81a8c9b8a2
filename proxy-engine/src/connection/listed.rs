//! A connection of HTTP in its worker's registry, for as long as it lives. Sessions of mode tcp are listed themselves.

use std::rc::Rc;

use super::client::ClientConnection;
use super::worker::WorkerContext;

/// A connection in its worker's registry. Dropped, it is neither listed nor killed any more.
#[derive(Debug)]
pub(crate) struct Listed {
    worker: Rc<WorkerContext>,
    key: usize,
}

impl Listed {
    pub(crate) fn new(connection: &ClientConnection) -> Listed {
        let worker = Rc::clone(&connection.worker);
        let key = worker.registry.list(Rc::clone(&connection.status));
        Listed { worker, key }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.worker.registry.unlist(self.key);
    }
}
