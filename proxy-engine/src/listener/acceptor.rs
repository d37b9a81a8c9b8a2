//! Accepting on one listening socket.
//!
//! ```text
//!           permit free         connection
//!  Waiting ───────────► Open ────────────► delivered, and again
//!     ▲                  │ │
//!     │   after a while   │ └─ out of descriptors or memory ──► Paused ─┐
//!     └──────────────────┼─────────────────────────────────────────────┘
//!                        ├─ asked to pause ──► not listening until resumed, then Waiting again
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
use super::sockets::Kept;
use crate::observe::{Notice, NoticeLimit};

/// The length of a pause in which no connection ends. HAProxy pauses as long.
const PAUSE: Duration = Duration::from_millis(100);
/// The number of connections lost in a row after which accepting pauses.
const LOST_IN_A_ROW: u32 = 100;
/// The number of connections accepted before other tasks have a turn. If a burst took all descriptors there would be
/// none for the servers, and no session would end that could free one.
const BATCH: u32 = 8;
/// How long a listener that refuses new connections waits at most for handshakes that had begun. A lost answer to a SYN
/// is sent again after one second, and after two more (RFC 6298).
const DRAIN: Duration = Duration::from_secs(4);
/// The time between two questions whether such handshakes are still in progress.
const HANDSHAKE_INTERVAL: Duration = Duration::from_millis(50);

/// The receiver of what a listener accepts.
pub(crate) trait Deliver {
    /// Takes an accepted connection.
    fn deliver(&self, incoming: Box<dyn Incoming>, permit: Permit);

    /// Counts a connection that was lost before it could be accepted.
    fn lost(&self);

    /// Reports something that the operator should know.
    fn notice(&self, notice: &Notice);
}

/// Accepts on one listening socket.
pub(crate) struct Acceptor<D> {
    pub(crate) listener: Box<dyn Listener>,
    /// The socket that it listens on, which stays bound while it does not listen.
    pub(crate) kept: Kept,
    pub(crate) permits: Permits,
    pub(crate) to: D,
}

impl<D: Deliver> Acceptor<D> {
    /// Accepts until it is asked to stop or the listener breaks.
    pub(crate) async fn run(mut self, mut phase: watch::Receiver<Phase>) {
        let mut notices = NoticeLimit::default();
        loop {
            let end = tokio::select! {
                biased;
                _ = phase.wait_for(|phase| *phase != Phase::Running) => End::Quiet,
                end = self.accept_all(&mut notices, None) => end,
            };
            let is_paused = *phase.borrow() == Phase::Paused;
            let end = match end {
                End::Quiet if is_paused => match self.sit_out(&mut phase, &mut notices).await {
                    Some(resumed) => {
                        self = resumed;
                        continue;
                    }
                    None => return,
                },
                End::Quiet => self.drain(&mut notices).await,
                broken => broken,
            };
            if let End::Broken(cause) = end {
                let listener = self.listener.local_addr().clone();
                self.to.notice(&Notice::ListenerFailed { listener, cause });
            }
            return;
        }
    }

    /// Accepts nothing while the engine is paused, and does not listen if the socket can do so again. Returns the acceptor
    /// for what comes next, or `None` if that is nothing.
    async fn sit_out(self, phase: &mut watch::Receiver<Phase>, notices: &mut NoticeLimit) -> Option<Self> {
        // What is in the queue would be reset.
        let _ = timeout(PAUSE, self.accept_all(notices, Some(Duration::ZERO))).await;
        if !self.kept.suspend() {
            // Connections wait in the queue.
            let _ = phase.wait_for(|phase| *phase != Phase::Paused).await;
            return Some(self);
        }
        let Acceptor { listener, kept, permits, to } = self;
        let address = listener.local_addr().clone();
        // The runtime has seen the end of this socket and expects nothing more of it: it is registered again below.
        drop(listener);
        loop {
            if *phase.wait_for(|phase| *phase != Phase::Paused).await.ok()? != Phase::Running {
                return None;
            }
            match kept.listen()? {
                Ok(listener) => return Some(Acceptor { listener, kept, permits, to }),
                Err(error) => {
                    let (listener, cause) = (address.clone(), error.to_string());
                    to.notice(&Notice::NotResumed { listener, cause });
                }
            }
            phase.changed().await.ok()?;
        }
    }

    /// Takes the connections that the kernel has accepted, so that none of them is reset.
    async fn drain(&self, notices: &mut NoticeLimit) -> End {
        if self.listener.refuse_new() {
            let end = Instant::now() + DRAIN;
            // Asked before the queue is emptied: a handshake that is completed in between is in the queue by then.
            while self.listener.expects_more() && Instant::now() < end {
                if let broken @ End::Broken(_) = self.accept_all(notices, Some(HANDSHAKE_INTERVAL)).await {
                    return broken;
                }
            }
            return self.accept_all(notices, Some(Duration::ZERO)).await;
        }
        // Other processes hold the socket too or share its address, or the system does not let this process refuse new
        // connections. Those in the queue now can be accepted anyway; new ones may arrive forever.
        timeout(DRAIN, self.accept_all(notices, Some(Duration::ZERO))).await.unwrap_or(End::Quiet)
    }

    /// Accepts until no connection has arrived for the given time, or the listener breaks.
    async fn accept_all(&self, notices: &mut NoticeLimit, idle_limit: Option<Duration>) -> End {
        let mut lost_in_a_row = 0;
        let mut batch = 0;
        loop {
            if batch == BATCH {
                batch = 0;
                tokio::task::yield_now().await;
            }
            if self.permits.shortage().is_starving() {
                let cause = "accepted connections wait for descriptors or memory to reach their servers";
                self.pause(notices, cause.to_owned()).await;
                continue;
            }
            if self.permits.shortage().memory().is_tight() {
                self.pause(notices, "the connections have used up the memory".to_owned()).await;
                continue;
            }
            let Some(next) = self.next(idle_limit).await else { return End::Quiet };
            // Not every transport uses the runtime's budget.
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

    /// Returns the next connection, and a permit reserved for it; `None` if none arrives in the given time. The
    /// permit is reserved only while looking: a listener that waits for a connection keeps no permit from the others.
    /// Waiting for a permit has no limit.
    async fn next(
        &self,
        idle_limit: Option<Duration>,
    ) -> Option<Result<(Box<dyn Incoming>, Reservation), AcceptError>> {
        loop {
            let looked = poll_fn(|cx| match self.permits.try_reserve() {
                Err(reached) => Poll::Ready(Err(reached)),
                Ok(reservation) => {
                    let accepted = self.listener.poll_accept(cx);
                    accepted.map(|accepted| Ok(accepted.map(|incoming| (incoming, reservation))))
                }
            });
            let looked = match idle_limit {
                None => looked.await,
                Some(idle_limit) => timeout(idle_limit, looked).await.ok()?,
            };
            match looked {
                Ok(next) => return Some(next),
                Err(reached) => reached.available().await,
            }
        }
    }

    /// Waits until a connection has ended, or for the length of a pause.
    async fn pause(&self, notices: &mut NoticeLimit, cause: String) {
        if let Some(repeated) = notices.due() {
            let listener = self.listener.local_addr().clone();
            self.to.notice(&Notice::AcceptPaused { listener, cause, repeated });
        }
        let _ = timeout(PAUSE, self.permits.shortage().wait_for_end()).await;
    }
}

/// Why accepting ended.
enum End {
    /// The listener was stopped, or no more connections came.
    Quiet,
    Broken(String),
}
