//! What all HTTP sessions of a worker share.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::protocol::Incoming;
use proxy_rules::{ProcessVariables, Variables};
use tokio::sync::{Notify, mpsc, oneshot};

use super::buffers::Buffers;
use super::exchange::Codecs;
use super::h1;
use super::pool::{Idle, Pool, Which};
use crate::policy::HttpPolicy;
use crate::server::Server;

/// How long another worker may take to hand over an idle connection; making one takes hardly longer.
const PATIENCE: Duration = Duration::from_millis(5);

/// A worker asks another one for an idle connection.
#[derive(Debug)]
pub(crate) struct Wanted {
    server: Arc<Server>,
    address: Address,
    which: Which,
    reply: oneshot::Sender<(Box<dyn Incoming>, u32)>,
}

/// Requests that wait for a worker.
const WAITING: usize = 256;

/// Where a worker hears of what others want of it.
pub(crate) type Requests = mpsc::Receiver<Wanted>;

/// A place for requests, and where they are heard.
pub(crate) fn requests() -> (mpsc::Sender<Wanted>, Requests) {
    mpsc::channel(WAITING)
}

/// What all HTTP sessions of a worker share.
pub(crate) struct HttpState {
    /// What connections speak.
    pub(crate) codecs: Codecs,
    pub(crate) pool: Pool,
    pub(crate) buffers: Buffers,
    /// For values that rules build.
    pub(crate) scratch: RefCell<Vec<u8>>,
    process: ProcessVariables,
    /// Where the workers are asked for idle connections.
    others: Arc<[mpsc::Sender<Wanted>]>,
    stopping: Cell<bool>,
    stop: Notify,
}

impl HttpState {
    pub(crate) fn new(
        worker: usize,
        process: ProcessVariables,
        others: Arc<[mpsc::Sender<Wanted>]>,
    ) -> HttpState {
        HttpState {
            codecs: h1::CODECS,
            pool: Pool::new(worker),
            buffers: Buffers::default(),
            scratch: RefCell::default(),
            process,
            others,
            stopping: Cell::new(false),
            stop: Notify::new(),
        }
    }

    /// The variables of a new session.
    pub(crate) fn variables(&self) -> Variables {
        Variables::new(self.process.clone())
    }

    /// Clients that are idle are to go.
    pub(crate) fn begin_stop(&self) {
        self.stopping.set(true);
        self.stop.notify_waiters();
    }

    /// Whether clients that are idle are to go.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// Waits until clients that are idle are to go.
    pub(crate) async fn stopping(&self) {
        let told = self.stop.notified();
        if !self.is_stopping() {
            told.await;
        }
    }

    /// Answers the other workers, for as long as the worker runs.
    pub(crate) async fn serve(&self, mut requests: Requests) {
        while let Some(Wanted { server, address, which, reply }) = requests.recv().await {
            if reply.is_closed() {
                continue;
            }
            let idle = std::future::poll_fn(|cx| {
                std::task::Poll::Ready(self.pool.take(&server, &address, which, cx))
            })
            .await;
            if let Some(Idle { back, exchanges, .. }) = idle
                && let Ok(incoming) = back.into_stream().detach()
            {
                let _ = reply.send((incoming, exchanges));
            }
        }
    }

    /// An idle connection of another worker, if one has any.
    pub(crate) async fn takeover(
        &self,
        own: usize,
        server: &Arc<Server>,
        address: &Address,
        which: Which,
        config: &HttpPolicy,
    ) -> Option<Idle> {
        if server.idle() < (server.config().pool.low as usize).max(1) || self.others.len() < 2 {
            return None;
        }
        for step in 1..self.others.len() {
            let other = (own + step) % self.others.len();
            if server.idle_of(other) == 0 {
                continue;
            }
            let (reply, answer) = oneshot::channel();
            let wanted = Wanted { server: Arc::clone(server), address: address.clone(), which, reply };
            if self.others[other].try_send(wanted).is_err() {
                continue;
            }
            if let Ok(Ok((incoming, exchanges))) = tokio::time::timeout(PATIENCE, answer).await
                && let Ok(stream) = incoming.into_stream()
            {
                let back = (self.codecs.back)(stream, config);
                return Some(Idle { back, address: address.clone(), exchanges });
            }
        }
        None
    }
}

impl fmt::Debug for HttpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpState").field("pool", &self.pool).finish_non_exhaustive()
    }
}
