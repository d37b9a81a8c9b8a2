//! The entry of a connection of HTTP in its worker's registry. In mode tcp the session is listed instead.

use std::rc::Rc;

use super::status::ConnectionStatus;
use super::worker::WorkerContext;

/// An entry of a connection in its worker's registry. Dropping it removes the entry.
#[derive(Debug)]
pub(super) struct Listed {
    worker: Rc<WorkerContext>,
    key: usize,
}

impl Listed {
    pub(super) fn new(worker: &Rc<WorkerContext>, status: &Rc<ConnectionStatus>) -> Listed {
        let key = worker.registry.list(Rc::clone(status));
        Listed { worker: Rc::clone(worker), key }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.worker.registry.unlist(self.key);
    }
}
