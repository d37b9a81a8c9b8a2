//! Accepting on one listening socket.
//!
//! ```text
//!           permit free         connection
//!  Waiting ───────────► Open ────────────► delivered, and again
//!     ▲                  │ │
//!     │   after a while  │ └─ out of descriptors or memory ──► Paused ─┐
//!     └──────────────────┼─────────────────────────────────────────────┘
//!                        └─ asked to stop ──► Draining: new ones are refused, those inside are taken ──► closed
//! ```

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use proto_core::error::AcceptError;
use proto_core::protocol::{Incoming, Listener};
use tokio::sync::watch;
use tokio::task::coop;
use tokio::time::{Instant, timeout};

use super::permits::{Permit, Permits, Reservation};
use super::phase::Phase;
use crate::observe::Notice;

/// How long a pause lasts, if no connection ends meanwhile. HAProxy pauses as long.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a pause is told of.
const NOTICE_INTERVAL: Duration = Duration::from_secs(10);
/// Connections lost in a row, after which accepting pauses.
const LOST_IN_A_ROW: u32 = 100;
/// Connections accepted before others have a turn. If a burst took all descriptors there would be none for the servers,
/// and no session would end that could give one back.
const BATCH: u32 = 8;
/// How long a listener that refuses new connections waits for handshakes that had begun. A lost answer to a SYN is sent
/// again after one second and after two more (RFC 6298).
const DRAIN: Duration = Duration::from_secs(4);

/// Takes what a listener accepts.
pub(crate) trait Deliver {
    /// A connection was accepted.
    fn deliver(&self, incoming: Box<dyn Incoming>, permit: Permit);

    /// A connection was lost before it could be accepted.
    fn lost(&self);

    /// Something that whoever runs the program should know.
    fn notice(&self, notice: &Notice);
}

/// Accepts on one listening socket.
pub(crate) struct Acceptor<D> {
    pub(crate) listener: Box<dyn Listener>,
    pub(crate) permits: Permits,
    pub(crate) to: D,
}

impl<D: Deliver> Acceptor<D> {
    /// Accepts until it is asked to stop or the listener breaks.
    pub(crate) async fn run(self, mut phase: watch::Receiver<Phase>) {
        let mut notices = NoticeLimit::default();
        let stop = phase.wait_for(|phase| *phase != Phase::Running);
        let end = tokio::select! {
            biased;
            _ = stop => End::Quiet,
            end = self.accept_all(&mut notices, None) => end,
        };
        let end = if let End::Quiet = end { self.drain(&mut notices).await } else { end };
        if let End::Broken(cause) = end {
            let listener = self.listener.local_addr().clone();
            self.to.notice(&Notice::ListenerFailed { listener, cause });
        }
    }

    /// Takes the connections that the kernel has accepted, so that none of them is reset.
    async fn drain(&self, notices: &mut NoticeLimit) -> End {
        if self.listener.refuse_new() {
            return self.accept_all(notices, Some(DRAIN)).await;
        }
        // Others hold the socket too or share its address, or the system does not let this process refuse new
        // connections. What is in the queue now can be taken all the same; more may come for ever.
        timeout(DRAIN, self.accept_all(notices, Some(Duration::ZERO))).await.unwrap_or(End::Quiet)
    }

    /// Accepts until no connection has come for a while, or the listener breaks.
    async fn accept_all(&self, notices: &mut NoticeLimit, patience: Option<Duration>) -> End {
        let mut lost_in_a_row = 0;
        let mut batch = 0;
        loop {
            if batch == BATCH {
                batch = 0;
                tokio::task::yield_now().await;
            }
            if self.permits.shortage().is_starving() {
                let cause = "accepted ones wait for descriptors or memory to reach their servers";
                self.pause(notices, cause.to_owned()).await;
                continue;
            }
            let Some(next) = self.next(patience).await else { return End::Quiet };
            // Not every transport takes part in the runtime's budget.
            coop::consume_budget().await;
            match next {
                Ok((incoming, reservation)) => {
                    lost_in_a_row = 0;
                    batch += 1;
                    self.to.deliver(incoming, self.permits.grant(reservation));
                }
                Err(AcceptError::Connection(error)) => {
                    self.to.lost();
                    lost_in_a_row += 1;
                    if lost_in_a_row >= LOST_IN_A_ROW {
                        lost_in_a_row = 0;
                        self.pause(notices, error.to_string()).await;
                    }
                }
                Err(AcceptError::Exhausted(error)) => self.pause(notices, error.to_string()).await,
                Err(AcceptError::Broken(error)) => return End::Broken(error.to_string()),
            }
        }
    }

    /// The next connection, and a permit reserved for it; `None` if none has come for a while. It is reserved only while
    /// looking: a listener that waits for a connection keeps no permit from the others. Waiting for a permit has no
    /// limit.
    async fn next(
        &self,
        patience: Option<Duration>,
    ) -> Option<Result<(Box<dyn Incoming>, Reservation), AcceptError>> {
        loop {
            let looked = poll_fn(|cx| match self.permits.try_reserve() {
                Err(reached) => Poll::Ready(Err(reached)),
                Ok(reservation) => {
                    let accepted = self.listener.poll_accept(cx);
                    accepted.map(|accepted| Ok(accepted.map(|incoming| (incoming, reservation))))
                }
            });
            let looked = match patience {
                None => looked.await,
                Some(patience) => timeout(patience, looked).await.ok()?,
            };
            match looked {
                Ok(next) => return Some(next),
                Err(reached) => reached.available().await,
            }
        }
    }

    /// Waits until a connection has ended, or for a while.
    async fn pause(&self, notices: &mut NoticeLimit, cause: String) {
        if let Some(repeated) = notices.tell_now() {
            let listener = self.listener.local_addr().clone();
            self.to.notice(&Notice::AcceptPaused { listener, cause, repeated });
        }
        let _ = timeout(PAUSE, self.permits.shortage().wait_for_end()).await;
    }
}

/// Why accepting ended.
enum End {
    /// It was stopped, or no connection came any more.
    Quiet,
    Broken(String),
}

/// Keeps a repeated notice to one in a while.
#[derive(Default)]
struct NoticeLimit {
    told: Option<Instant>,
    repeated: u64,
}

impl NoticeLimit {
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
