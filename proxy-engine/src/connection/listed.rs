//! A connection of HTTP in its worker's registry, for as long as it lives. Sessions of mode tcp are listed themselves.

use std::rc::Rc;

use super::status::ConnectionStatus;
use super::worker::WorkerContext;

/// A connection in its worker's registry. Dropped, it is neither listed nor killed any more.
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
