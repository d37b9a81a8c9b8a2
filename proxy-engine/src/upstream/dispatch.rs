//! Dispatches a session or exchange to a server: a slot or a queue, attempts, pauses, another server.
//!
//! ```text
//!            no server, queue full             limit, client left            attempts used up, client left
//!  choosing ───────────────────────► failed ◄─────────────────── queued   ┌──────────────────────────► failed
//!     │ ▲ └───────────── full ─────────────────────────────────────►│     │
//!     │ │                                                      slot │     │      ┌─ same server ─┐
//!     │ │                                                           ▼     │      ▼               │
//!     └─┼───────────────── slot ─────────────────────────────► connecting ┴─ failed ──► pause ───┘
//!       └──────────────────────── another server ──────────────────────────────┴──────────┘
//! ```

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;

use proxy_rules::Priority;
use tokio::time::Instant;

use super::backend::Backend;
use super::choose::Assigned;
use super::client_wait::{Downstream, wait};
use super::connect::{Connections, attempt};
use super::queue::{Called, Waiting};
use super::queue_lines::{Claim, Queue, Standing};
use super::retry::{NO_SERVER, Next, after_failure, may_go_elsewhere};
use super::slot::ServerSlot;
use super::steering::Direct;
use crate::observe::{Cause, Meter, Shortage, Stage, Termination, Waited};
use crate::policy::Redispatch;

const QUEUE_FULL: Termination = Termination::new(Cause::Server, Stage::Queue);
const QUEUE_TIMEOUT: Termination = Termination::new(Cause::ServerTimeout, Stage::Queue);

/// The state of dispatching a session or exchange.
#[derive(Debug, Default)]
pub(crate) struct Dispatch {
    /// The slot of the chosen server.
    pub(crate) slot: Option<ServerSlot>,
    /// The index of the server to try first, once, if it is usable.
    pub(crate) preferred: Option<usize>,
    /// The server that a cookie or a rule has chosen, in place of the balancing algorithm.
    pub(crate) direct: Option<Direct>,
    /// The place in queues that rules have set.
    pub(crate) priority: Priority,
    /// The index of the server whose attempt failed, which the balancing algorithm passes over once.
    avoid: Option<usize>,
}

impl Dispatch {
    /// Finds a server and a connection to it. A request that is sent again and has kept its slot stays with its server.
    ///
    /// # Errors
    /// How the session ends if there is no connection.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    pub(crate) fn reach<C: Connections, D: Downstream>(
        &mut self,
        backend: &Arc<Backend>,
        client: &mut D,
        connections: &mut C,
        meter: &RefCell<Meter>,
        shortage: &Shortage,
    ) -> impl Future<Output = Result<C::Connection, Termination>> {
        async move {
            loop {
                let is_kept = self.slot.is_some();
                if !is_kept {
                    self.find_slot(backend, client, meter).await?;
                }
                let Some((server, index)) =
                    self.slot.as_ref().map(|slot| (Arc::clone(slot.server()), slot.index()))
                else {
                    // The server that the session waited for is gone, or its queue is full.
                    self.direct = None;
                    continue;
                };
                let mut now = Instant::now();
                if !is_kept {
                    meter.borrow_mut().queue_ended(now);
                }
                loop {
                    let attempted = attempt(backend, &server, client, connections, meter, shortage, now);
                    let failure = match attempted.await? {
                        Ok(connection) => {
                            let carriers = C::look(&connection).carriers();
                            meter.borrow_mut().connected(Instant::now(), carriers);
                            return Ok(connection);
                        }
                        Err(failure) => failure,
                    };
                    let claim = self.claim();
                    let slot = &mut self.slot;
                    // Boxed: most attempts succeed.
                    let next = after_failure(backend, &server, index, failure, client, meter, slot, claim);
                    match Box::pin(next).await? {
                        Next::SameServer => now = Instant::now(),
                        Next::ChooseAgain { avoid: failed } => {
                            self.avoid = failed;
                            self.direct = None;
                            break;
                        }
                    }
                }
            }
        }
    }

    /// Chooses a server and takes a slot of it. `slot` stays empty if the session has to choose again.
    async fn find_slot(
        &mut self,
        backend: &Arc<Backend>,
        client: &mut impl Downstream,
        meter: &RefCell<Meter>,
    ) -> Result<(), Termination> {
        let avoid = self.avoid.take();
        let assigned = match self.direct {
            Some(direct) => {
                let standing = Standing { claim: direct.claim(), priority: self.priority };
                backend.assign_there(direct.server, standing)
            }
            None => {
                let preferred = self.preferred.take().and_then(|index| backend.assign_to(index));
                preferred.unwrap_or_else(|| backend.assign_any(client.requester(), avoid, self.priority))
            }
        };
        let server = match &assigned {
            Assigned::Slot(slot) => Some(slot.server()),
            Assigned::Full(server) => Some(server),
            Assigned::Waiting(waiting) => match waiting.queue() {
                Queue::Server(index) => Some(&backend.servers()[index]),
                Queue::Backend => None,
            },
            Assigned::NoServer => None,
        };
        meter.borrow_mut().chosen(server.map(|server| server.observed()));
        match assigned {
            Assigned::Slot(slot) => {
                self.slot = Some(slot);
                Ok(())
            }
            // Boxed: most sessions find a slot at once.
            Assigned::Waiting(waiting) => Box::pin(self.queue(backend, waiting, client, meter)).await,
            Assigned::Full(_) if self.may_leave_queue(backend) => Ok(()),
            Assigned::Full(_) => Err(meter.borrow_mut().unreachable(QUEUE_FULL)),
            Assigned::NoServer => Err(meter.borrow_mut().unreachable(NO_SERVER)),
        }
    }

    fn claim(&self) -> Claim {
        self.direct.map_or(Claim::Balanced, Direct::claim)
    }

    /// Returns whether a session that finds the queue of its server full may go to another one.
    fn may_leave_queue(&self, backend: &Backend) -> bool {
        self.direct.is_some_and(|direct| !direct.is_forced) && backend.config.redispatch != Redispatch::Off
    }

    /// Decides where a request goes that is sent again after its server did not answer it: as after a failed attempt to
    /// connect, it stays with its server, in its slot, unless it may leave that.
    pub(crate) fn send_again(&mut self, backend: &Backend, meter: &RefCell<Meter>) {
        let Some(slot) = &self.slot else { return };
        let mut meter = meter.borrow_mut();
        if may_go_elsewhere(meter.retries(), backend, slot.server(), self.claim()) {
            (self.avoid, self.direct) = (Some(slot.index()), None);
            self.slot = None;
        } else {
            meter.same_server();
        }
    }

    async fn queue(
        &mut self,
        backend: &Backend,
        waiting: Waiting,
        client: &mut impl Downstream,
        meter: &RefCell<Meter>,
    ) -> Result<(), Termination> {
        let now = Instant::now();
        let deadline = backend.queue_limit().and_then(|limit| now.checked_add(limit));
        let queue = match waiting.queue() {
            Queue::Backend => Waited::InBackend,
            Queue::Server(_) => Waited::AtServer,
        };
        let mut queued = Queued { waiting, queue, meter, is_called: false };
        let outcome = wait(client, Pin::new(&mut queued.waiting), deadline, now).await;
        queued.is_called = outcome.is_ok();
        drop(queued);
        let mut meter = meter.borrow_mut();
        match outcome {
            Ok(Called::Slot(slot, position)) => {
                meter.waited(queue, position);
                meter.called_to(slot.server().observed());
                self.slot = Some(slot);
                Ok(())
            }
            Ok(Called::ChooseAgain(position)) => {
                meter.waited(queue, position);
                Ok(())
            }
            Err(interrupted) => {
                meter.queue_ended(Instant::now());
                let by_client = interrupted.by_client(Stage::Queue);
                Err(by_client.unwrap_or_else(|| meter.unreachable(QUEUE_TIMEOUT)))
            }
        }
    }
}

/// A session or exchange in a queue. If it is dropped before it is called, for example by a kill, its position is
/// recorded.
struct Queued<'m> {
    waiting: Waiting,
    queue: Waited,
    meter: &'m RefCell<Meter>,
    is_called: bool,
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        if !self.is_called {
            self.meter.borrow_mut().waited(self.queue, self.waiting.position());
        }
    }
}
