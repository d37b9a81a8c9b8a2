//! The handover of idle connections from one worker to another.
//!
//! A worker without an idle connection to a server asks those that have one, as their counts say, through a bounded
//! channel. It waits a short time, and gets the connection unregistered, as an [`Incoming`].

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use proto_core::protocol::Incoming;
use proto_core::stream::Stream;
use tokio::sync::{mpsc, oneshot};

use super::connect::ServerFindings;
use super::pool::{Idle, Pool, PoolKey, Reusable};
use super::server::Server;

/// The longest wait for another worker's idle connection; a new one takes hardly longer.
const REPLY_TIMEOUT: Duration = Duration::from_millis(5);
/// The most requests that wait for a worker.
const MAILBOX: usize = 256;

/// A request for an idle connection.
#[derive(Debug)]
pub(crate) struct HandoverRequest {
    server: Arc<Server>,
    key: PoolKey,
    which: Reusable,
    reply: oneshot::Sender<Handed<Box<dyn Incoming>>>,
}

/// An idle connection that is handed over: unregistered, and then registered with the worker that asked.
#[derive(Debug)]
pub(crate) struct Handed<C> {
    pub(crate) connection: C,
    /// The number of exchanges that the connection has carried.
    pub(crate) exchanges: u32,
    pub(crate) findings: ServerFindings,
}

/// The end of the channel on which a worker receives the requests of others.
pub(crate) type HandoverRequests = mpsc::Receiver<HandoverRequest>;

/// Creates the channel for the requests of other workers.
pub(crate) fn requests() -> (mpsc::Sender<HandoverRequest>, HandoverRequests) {
    mpsc::channel(MAILBOX)
}

/// The handle with which a worker asks the others.
#[derive(Debug)]
pub(crate) struct Handover {
    worker: usize,
    all: Arc<[mpsc::Sender<HandoverRequest>]>,
}

impl Handover {
    pub(crate) fn new(worker: usize, all: Arc<[mpsc::Sender<HandoverRequest>]>) -> Handover {
        Handover { worker, all }
    }

    /// Returns an idle connection of another worker, if one has any, registered with this one.
    pub(crate) async fn ask(
        &self,
        server: &Arc<Server>,
        key: &PoolKey,
        which: Reusable,
    ) -> Option<Handed<Box<dyn Stream>>> {
        if server.idle() < (server.config().pool.low as usize).max(1) || self.all.len() < 2 {
            return None;
        }
        for step in 1..self.all.len() {
            let other = (self.worker + step) % self.all.len();
            if server.idle_counts().of(other) == 0 {
                continue;
            }
            let (reply, answer) = oneshot::channel();
            let request = HandoverRequest { server: Arc::clone(server), key: key.clone(), which, reply };
            if self.all[other].try_send(request).is_err() {
                continue;
            }
            if let Ok(Ok(Handed { connection, exchanges, findings })) =
                tokio::time::timeout(REPLY_TIMEOUT, answer).await
                && let Ok(connection) = connection.into_stream()
            {
                return Some(Handed { connection, exchanges, findings });
            }
        }
        None
    }
}

/// Answers the other workers, for as long as the worker runs.
pub(crate) async fn answer(pool: &Pool, mut requests: HandoverRequests) {
    while let Some(HandoverRequest { server, key, which, reply }) = requests.recv().await {
        if reply.is_closed() {
            continue;
        }
        let idle = poll_fn(|cx| Poll::Ready(pool.take_idle(&server, &key, which, cx))).await;
        if let Some(Idle { back, exchanges, findings, .. }) = idle
            && let Ok(connection) = back.into_stream().detach()
        {
            // The worker no longer waits: the connection is reset, as idle ones are when they are closed.
            if let Err(unwanted) = reply.send(Handed { connection, exchanges, findings })
                && let Ok(stream) = unwanted.connection.into_stream()
            {
                stream.abort();
            }
        }
    }
}
