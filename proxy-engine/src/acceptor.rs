//! Accepting on one listening socket.
//!
//! ```text
//!            slot free         connection
//!  Waiting ───────────► Open ────────────► dispatched, and again
//!     ▲                  │ │
//!     │   after a while  │ └─ out of descriptors or memory ──► Paused ─┐
//!     └──────────────────┼─────────────────────────────────────────────┘
//!                        └─ asked to stop ──► Draining: new ones are refused, those inside are taken ──► closed
//! ```

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use proto_core::error::AcceptError;
use proto_core::protocol::{Listener, accept};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::dispatch::Dispatcher;
use crate::engine::Phase;
use crate::observer::Notice;
use crate::slots::Slots;
use crate::worker::{Service, Worker};

/// Connections taken in a row before the worker's other tasks get a turn.
const BATCH: u32 = 32;
/// How long a pause lasts, if no connection ends meanwhile. HAProxy pauses as long.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a pause is told of.
const NOTICE_INTERVAL: Duration = Duration::from_secs(10);
/// Lost connections in a row that are taken for a lasting trouble, to be paused for.
const LOST_IN_A_ROW: u32 = 100;
/// How long a listener that refuses new connections waits for handshakes that had begun: a client whose handshake
/// takes longer is beyond any terrestrial path.
const DRAIN: Duration = Duration::from_secs(1);

pub(crate) struct Acceptor {
    pub(crate) listener: Box<dyn Listener>,
    pub(crate) service: Arc<Service>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) slots: Arc<Slots>,
    pub(crate) worker: Rc<Worker>,
}

impl Acceptor {
    /// Accepts until it is asked to stop or the listener breaks.
    pub(crate) async fn run(self, mut phase: watch::Receiver<Phase>) {
        let mut trouble = Trouble::default();
        let stop = phase.wait_for(|phase| *phase != Phase::Running);
        let mut end = tokio::select! {
            biased;
            _ = stop => End::Quiet,
            end = self.accept_all(&mut trouble, None) => end,
        };
        // If it cannot refuse, others hold the socket too and go on accepting from the same queue.
        if matches!(end, End::Quiet) && self.listener.refuse_new() {
            // No connection that the kernel has accepted is reset: they are inside, or about to be.
            end = self.accept_all(&mut trouble, Some(DRAIN)).await;
        }
        if let End::Broken(cause) = end {
            let listener = self.listener.local_addr().clone();
            self.worker.observer.notice(&Notice::ListenerFailed { listener, cause });
        }
    }

    /// Accepts until nobody has come for a while, or the listener breaks.
    async fn accept_all(&self, trouble: &mut Trouble, patience: Option<Duration>) -> End {
        let mut in_a_row = 0;
        let mut lost_in_a_row = 0;
        loop {
            let slot = self.slots.take().await;
            let accepted = match patience {
                None => accept(&*self.listener).await,
                Some(patience) => match timeout(patience, accept(&*self.listener)).await {
                    Ok(accepted) => accepted,
                    Err(_) => return End::Quiet,
                },
            };
            match accepted {
                Ok(incoming) => {
                    lost_in_a_row = 0;
                    if let Some(job) =
                        self.dispatcher.dispatch(self.worker.index, &self.service, incoming, slot)
                    {
                        self.worker.start(job);
                    }
                    in_a_row += 1;
                    if in_a_row == BATCH {
                        in_a_row = 0;
                        tokio::task::yield_now().await;
                    }
                }
                Err(AcceptError::Connection(error)) => {
                    self.worker.counters.accept_error();
                    lost_in_a_row += 1;
                    if lost_in_a_row >= LOST_IN_A_ROW {
                        lost_in_a_row = 0;
                        drop(slot);
                        self.pause(trouble, error.to_string()).await;
                    }
                }
                Err(AcceptError::Exhausted(error)) => {
                    drop(slot);
                    self.pause(trouble, error.to_string()).await;
                }
                Err(AcceptError::Broken(error)) => return End::Broken(error.to_string()),
            }
        }
    }

    /// Waits until a connection has ended, or for a while.
    async fn pause(&self, trouble: &mut Trouble, cause: String) {
        if let Some(repeated) = trouble.to_be_told() {
            let listener = self.listener.local_addr().clone();
            self.worker.observer.notice(&Notice::AcceptPaused { listener, cause, repeated });
        }
        let _ = timeout(PAUSE, self.slots.freed()).await;
    }
}

/// Why accepting is over.
enum End {
    /// It was stopped, or nobody came any more.
    Quiet,
    Broken(String),
}

/// Keeps a repeated notice to one in a while.
#[derive(Default)]
struct Trouble {
    told: Option<Instant>,
    repeated: u64,
}

impl Trouble {
    /// Whether to tell, and how often it was not told since the last time.
    fn to_be_told(&mut self) -> Option<u64> {
        if self.told.is_some_and(|told| told.elapsed() < NOTICE_INTERVAL) {
            self.repeated += 1;
            return None;
        }
        self.told = Some(Instant::now());
        Some(std::mem::take(&mut self.repeated))
    }
}
