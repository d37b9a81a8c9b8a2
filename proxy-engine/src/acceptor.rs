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

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use proto_core::error::AcceptError;
use proto_core::protocol::{Incoming, Listener};
use tokio::sync::watch;
use tokio::task::coop;
use tokio::time::{Instant, timeout};

use crate::dispatch::Dispatcher;
use crate::frontend::Door;
use crate::observer::Notice;
use crate::phase::Phase;
use crate::slots::{Gate, Pass};
use crate::worker::Worker;

/// How long a pause lasts, if no connection ends meanwhile. HAProxy pauses as long.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a pause is told of.
const NOTICE_INTERVAL: Duration = Duration::from_secs(10);
/// Lost connections in a row that are taken for a lasting trouble, to be paused for.
const LOST_IN_A_ROW: u32 = 100;
/// How long a listener that refuses new connections waits for handshakes that had begun. A lost answer to a SYN is sent
/// again after one second and after two more (RFC 6298).
const DRAIN: Duration = Duration::from_secs(4);

pub(crate) struct Acceptor {
    pub(crate) listener: Box<dyn Listener>,
    pub(crate) door: Door,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) gate: Gate,
    pub(crate) worker: Rc<Worker>,
}

impl Acceptor {
    /// Accepts until it is asked to stop or the listener breaks.
    pub(crate) async fn run(self, mut phase: watch::Receiver<Phase>) {
        let mut trouble = Trouble::default();
        let stop = phase.wait_for(|phase| *phase != Phase::Running);
        let end = tokio::select! {
            biased;
            _ = stop => End::Quiet,
            end = self.accept_all(&mut trouble, None) => end,
        };
        let end = if let End::Quiet = end { self.drain(&mut trouble).await } else { end };
        if let End::Broken(cause) = end {
            let listener = self.listener.local_addr().clone();
            self.worker.observer.notice(&Notice::ListenerFailed { listener, cause });
        }
    }

    /// Takes those whom the kernel has accepted, so that none of them is reset.
    async fn drain(&self, trouble: &mut Trouble) -> End {
        if self.listener.refuse_new() {
            return self.accept_all(trouble, Some(DRAIN)).await;
        }
        // Others hold the socket too or share its address, or the system does not let this process shut the door. What
        // is in the queue now can be taken all the same; more may come for ever.
        timeout(DRAIN, self.accept_all(trouble, Some(Duration::ZERO))).await.unwrap_or(End::Quiet)
    }

    /// Accepts until nobody has come for a while, or the listener breaks. The runtime gives other tasks a turn after
    /// some in a row.
    async fn accept_all(&self, trouble: &mut Trouble, patience: Option<Duration>) -> End {
        let mut lost_in_a_row = 0;
        loop {
            if self.gate.is_starving() {
                let cause = "accepted ones wait for descriptors or memory to reach their servers";
                self.pause(trouble, cause.to_owned()).await;
                continue;
            }
            let Some(next) = self.next(patience).await else { return End::Quiet };
            // Not every transport takes part in the runtime's budget.
            coop::consume_budget().await;
            match next {
                Ok((incoming, pass)) => {
                    lost_in_a_row = 0;
                    let (own, taken) = (self.worker.index, pass.taken());
                    if let Some(job) = self.dispatcher.dispatch(own, &self.door, incoming, taken) {
                        self.worker.start(job);
                    }
                }
                Err(AcceptError::Connection(error)) => {
                    self.worker.counters.accept_error();
                    lost_in_a_row += 1;
                    if lost_in_a_row >= LOST_IN_A_ROW {
                        lost_in_a_row = 0;
                        self.pause(trouble, error.to_string()).await;
                    }
                }
                Err(AcceptError::Exhausted(error)) => self.pause(trouble, error.to_string()).await,
                Err(AcceptError::Broken(error)) => return End::Broken(error.to_string()),
            }
        }
    }

    /// The next connection, and a slot for it; `None` if nobody has come for a while. The slot is held only while
    /// looking: a listener that waits for somebody keeps none from the others. Waiting for a slot takes as long as it
    /// takes.
    async fn next(
        &self,
        patience: Option<Duration>,
    ) -> Option<Result<(Box<dyn Incoming>, Pass), AcceptError>> {
        loop {
            let looked = poll_fn(|cx| match self.gate.try_take() {
                Err(full) => Poll::Ready(Err(full)),
                Ok(pass) => {
                    self.listener.poll_accept(cx).map(|taken| Ok(taken.map(|incoming| (incoming, pass))))
                }
            });
            let looked = match patience {
                None => looked.await,
                Some(patience) => timeout(patience, looked).await.ok()?,
            };
            match looked {
                Ok(next) => return Some(next),
                Err(full) => full.available().await,
            }
        }
    }

    /// Waits until a connection has ended, or for a while.
    async fn pause(&self, trouble: &mut Trouble, cause: String) {
        if let Some(repeated) = trouble.tell_now() {
            let listener = self.listener.local_addr().clone();
            self.worker.observer.notice(&Notice::AcceptPaused { listener, cause, repeated });
        }
        let _ = timeout(PAUSE, self.gate.ended()).await;
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
    fn tell_now(&mut self) -> Option<u64> {
        if self.told.is_some_and(|told| told.elapsed() < NOTICE_INTERVAL) {
            self.repeated += 1;
            return None;
        }
        self.told = Some(Instant::now());
        Some(std::mem::take(&mut self.repeated))
    }
}
