//! Which worker gets a connection: the one that has the fewest.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use proto_core::protocol::Incoming;
use tokio::sync::mpsc;

use crate::counters::WorkerCounters;
use crate::frontend::{Door, Entered};
use crate::slots::Taken;

/// Connections on their way to another worker. There are never more than `maxconn`; a worker that has fallen this far
/// behind gets no more, and who accepted them keeps them.
pub(crate) const MAILBOX: usize = 1024;

/// A connection for a worker.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) entered: Entered,
    pub(crate) incoming: Box<dyn Incoming>,
    pub(crate) taken: Taken,
    #[expect(dead_code, reason = "held until it is dropped")]
    pub(crate) load: Load,
}

/// A worker's share of the load; taken off again when dropped.
#[derive(Debug)]
pub(crate) struct Load(Arc<WorkerCounters>);

impl Load {
    pub(crate) fn on(counters: &Arc<WorkerCounters>) -> Load {
        counters.load.fetch_add(1, Ordering::Relaxed);
        Load(Arc::clone(counters))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.load.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Hands connections out. The mailboxes close when the last of its holders, the acceptors, is gone.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    pub(crate) workers: Vec<(Arc<WorkerCounters>, mpsc::Sender<Job>)>,
}

impl Dispatcher {
    /// Gives a connection to the worker with the fewest, which may be the caller: then it comes back.
    pub(crate) fn dispatch(
        &self,
        own: usize,
        door: &Door,
        incoming: Box<dyn Incoming>,
        taken: Taken,
    ) -> Option<Job> {
        let load = |worker: usize| self.workers[worker].0.load.load(Ordering::Relaxed);
        // On a tie the caller keeps it: handing over costs a wake-up.
        let least =
            (0..self.workers.len()).min_by_key(|&worker| (load(worker), worker != own)).unwrap_or(own);
        let load = Load::on(&self.workers[least].0);
        let job = Job { entered: Entered::through(door), incoming, taken, load };
        if least == own {
            return Some(job);
        }
        match self.workers[least].1.try_send(job) {
            Ok(()) => None,
            Err(mpsc::error::TrySendError::Full(job) | mpsc::error::TrySendError::Closed(job)) => {
                Some(Job { load: Load::on(&self.workers[own].0), ..job })
            }
        }
    }
}
