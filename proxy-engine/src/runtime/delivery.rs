//! Which worker gets a connection: the one with the fewest.

use std::rc::Rc;
use std::sync::Arc;

use proto_core::protocol::Incoming;
use tokio::sync::mpsc;

use super::worker::Worker;
use crate::connection::{Accepted, Frontend, Listener};
use crate::listener::{Deliver, Permit};
use crate::observe::{Arrived, Load, Notice, WorkerCounters};

/// The most connections on their way to another worker. There are never more than `maxconn`; a worker at this limit gets
/// no more, and the worker that accepted them keeps them.
pub(crate) const MAILBOX: usize = 1024;

/// The workers, as the accepting ones see them. The mailboxes close when the last listener is closed.
#[derive(Debug)]
pub(crate) struct Workers(pub(crate) Vec<(Arc<WorkerCounters>, mpsc::Sender<Accepted>)>);

/// Delivers the connections that one listener accepts.
pub(crate) struct Delivery {
    pub(crate) frontend: Arc<Frontend>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) workers: Arc<Workers>,
    /// The worker that accepts.
    pub(crate) own: Rc<Worker>,
}

impl Deliver for Delivery {
    fn deliver(&self, incoming: Box<dyn Incoming>, permit: Permit) {
        let workers = &self.workers.0;
        let own = self.own.context.index;
        // On a tie this worker keeps it: handing over costs a wake-up.
        let load = |worker: usize| workers[worker].0.load();
        let least = (0..workers.len()).min_by_key(|&worker| (load(worker), worker != own)).unwrap_or(own);
        let accepted = Accepted {
            frontend: Arc::clone(&self.frontend),
            listener: Arc::clone(&self.listener),
            arrived: Arrived::at(&self.listener.ingress),
            incoming,
            permit,
            load: Load::on(&workers[least].0),
        };
        if least == own {
            return self.own.start(accepted);
        }
        match workers[least].1.try_send(accepted) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(kept) | mpsc::error::TrySendError::Closed(kept)) => {
                self.own.start(Accepted { load: Load::on(&workers[own].0), ..kept });
            }
        }
    }

    fn lost(&self) {
        self.own.context.view.counters.accept_error();
    }

    fn notice(&self, notice: &Notice) {
        self.own.context.view.observer.notice(notice);
    }
}
