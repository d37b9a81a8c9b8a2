//! How a session comes to its server: a slot or a queue, attempts, pauses, another server.
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

use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::error::{ConnectError, ConnectFailure};
use proto_core::spec::Target;
use proto_core::stream::Stream;
use tokio::time::{Instant, timeout};

use crate::backend::Backend;
use crate::policy::Redispatch;
use crate::queue::{Assigned, Call, Queue, Slot, Waiting};
use crate::record::Places;
use crate::server::Server;
use crate::slots::Taken;
use crate::termination::{Cause, Stage, Termination};
use crate::watch::{Client, Left, Waited, wait};

/// How long a session without a descriptor for its server waits for the end of another one before it looks again.
const RETRY: Duration = Duration::from_millis(100);
/// How long an attempt to connect goes on before the client is looked at meanwhile. Most are over sooner.
const UNWATCHED: Duration = Duration::from_millis(100);
/// The pause before the same server is tried again, unless attempts may take less than that.
const PAUSE: Duration = Duration::from_secs(1);

/// How far a session has come.
#[derive(Debug)]
pub(crate) struct Journey {
    begun: Instant,
    /// The last server it was led to.
    pub(crate) server: Option<Arc<Server>>,
    /// Its slot there.
    pub(crate) slot: Option<Slot>,
    /// Where that was tried.
    pub(crate) address: Option<Address>,
    /// When it had a server with room.
    pub(crate) queued: Option<Duration>,
    pub(crate) retries: u32,
    pub(crate) redispatched: bool,
    pub(crate) places: Places,
    /// Why the last attempt failed.
    pub(crate) error: Option<ConnectError>,
    /// A server that is asked first, once, if it can be used.
    pub(crate) preferred: Option<usize>,
    /// What went wrong first: that is what the end is put down to.
    first_trouble: Option<Termination>,
}

/// How a server is come by.
pub(crate) trait Access {
    /// A connection to it.
    type Link;

    /// A connection to that address of it which is there already.
    async fn existing(&mut self, server: &Arc<Server>, address: &Address) -> Option<Self::Link>;

    /// A new one.
    fn made(&mut self, server: &Arc<Server>, stream: Box<dyn Stream>) -> Self::Link;

    /// Lets go of something, for want of descriptors or memory. Whether there was anything.
    fn make_room(&mut self) -> bool;
}

/// A new connection each time.
#[derive(Debug)]
pub(crate) struct Direct;

impl Access for Direct {
    type Link = Box<dyn Stream>;

    async fn existing(&mut self, _: &Arc<Server>, _: &Address) -> Option<Box<dyn Stream>> {
        None
    }

    fn made(&mut self, _: &Arc<Server>, stream: Box<dyn Stream>) -> Box<dyn Stream> {
        stream
    }

    fn make_room(&mut self) -> bool {
        false
    }
}

/// Where a failed attempt leads.
enum Next {
    SameServer,
    ChooseAgain { avoid: Option<usize> },
}

const NO_SERVER: Termination = Termination::new(Cause::Server, Stage::Connect);
const QUEUE_FULL: Termination = Termination::new(Cause::Server, Stage::Queue);
const QUEUE_TIMEOUT: Termination = Termination::new(Cause::ServerTimeout, Stage::Queue);
const NO_PORT: Termination = Termination::new(Cause::Internal, Stage::Connect);

impl Journey {
    pub(crate) fn new(begun: Instant) -> Journey {
        Journey {
            begun,
            server: None,
            slot: None,
            address: None,
            queued: None,
            retries: 0,
            redispatched: false,
            places: Places::default(),
            error: None,
            preferred: None,
            first_trouble: None,
        }
    }

    /// Time counts from now on.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.begun = now;
    }

    /// Leads a client to a server.
    pub(crate) async fn reach<A: Access>(
        &mut self,
        backend: &Arc<Backend>,
        client: &mut impl Client,
        access: &mut A,
        taken: &Taken,
    ) -> Result<A::Link, Termination> {
        let mut avoid = None;
        loop {
            self.find_slot(backend, client, avoid).await?;
            let Some((server, index)) =
                self.slot.as_ref().map(|slot| (Arc::clone(slot.server()), slot.index()))
            else {
                // The server it waited for is gone.
                avoid = None;
                continue;
            };
            self.queued = Some(self.begun.elapsed());
            loop {
                match self.attempt(backend, &server, client, access, taken).await? {
                    Ok(link) => return Ok(link),
                    Err(trouble) => match self.next(backend, &server, index, trouble, client).await? {
                        Next::SameServer => {}
                        Next::ChooseAgain { avoid: failed } => {
                            avoid = failed;
                            break;
                        }
                    },
                }
            }
        }
    }

    /// Finds a server and a slot of it, or leaves without one if it has to choose again.
    async fn find_slot(
        &mut self,
        backend: &Arc<Backend>,
        client: &mut impl Client,
        avoid: Option<usize>,
    ) -> Result<(), Termination> {
        let before = self.server.take();
        let preferred = self.preferred.take().and_then(|index| backend.assign_to(index));
        let assigned = preferred.unwrap_or_else(|| backend.assign(client.asked(), avoid));
        self.server = match &assigned {
            Assigned::Slot(slot) => Some(Arc::clone(slot.server())),
            Assigned::Full(server) => Some(Arc::clone(server)),
            Assigned::Waiting(waiting) => match waiting.queue() {
                Queue::Server(index) => Some(Arc::clone(&backend.servers()[index])),
                Queue::Backend => None,
            },
            Assigned::NoServer => None,
        };
        if let Some(before) = before {
            self.count_change(backend, &before);
        }
        match assigned {
            Assigned::Slot(slot) => {
                self.slot = Some(slot);
                Ok(())
            }
            Assigned::Waiting(waiting) => self.queue(backend, waiting, client).await,
            Assigned::Full(server) => {
                server.tally().failed();
                Err(self.fail(backend, QUEUE_FULL))
            }
            Assigned::NoServer => Err(self.fail(backend, NO_SERVER)),
        }
    }

    /// Counts a session that has chosen again as one that went elsewhere, or as one that tries again.
    fn count_change(&mut self, backend: &Backend, before: &Arc<Server>) {
        if self.server.as_ref().is_some_and(|server| Arc::ptr_eq(server, before)) {
            before.tally().retried();
            backend.tally().retried();
        } else {
            self.redispatched = true;
            before.tally().redispatched();
            backend.tally().redispatched();
        }
    }

    async fn queue(
        &mut self,
        backend: &Arc<Backend>,
        mut waiting: Waiting,
        client: &mut impl Client,
    ) -> Result<(), Termination> {
        let now = Instant::now();
        let deadline = backend.queue_limit().and_then(|limit| now.checked_add(limit));
        let place = match waiting.queue() {
            Queue::Backend => &mut self.places.backend,
            Queue::Server(_) => &mut self.places.server,
        };
        match wait(client, Pin::new(&mut waiting), deadline, now).await {
            Waited::Done(Call::Slot(slot, at)) => {
                *place += at;
                self.server = Some(Arc::clone(slot.server()));
                self.slot = Some(slot);
                Ok(())
            }
            Waited::Done(Call::ChooseAgain) => {
                self.server = None;
                Ok(())
            }
            Waited::Late => {
                *place += waiting.place();
                self.queued = Some(self.begun.elapsed());
                if let Some(server) = &self.server {
                    server.tally().failed();
                }
                Err(self.fail(backend, QUEUE_TIMEOUT))
            }
            Waited::Left(left) => {
                *place += waiting.place();
                self.queued = Some(self.begun.elapsed());
                Err(left_while(left, Stage::Queue))
            }
        }
    }

    /// One attempt. The outer error is the end of the session.
    async fn attempt<A: Access>(
        &mut self,
        backend: &Backend,
        server: &Arc<Server>,
        client: &mut impl Client,
        access: &mut A,
        taken: &Taken,
    ) -> Result<Result<A::Link, ConnectFailure>, Termination> {
        let Some(address) = server.address_for(client.stream()) else {
            server.tally().failed();
            return Err(self.fail(backend, NO_PORT));
        };
        let target = Target { client: Some(client.stream().peer_addr()), ..Target::new(address.clone()) };
        self.address = Some(address);
        let now = Instant::now();
        let limit = backend.timeouts().connect;
        let deadline = limit.and_then(|limit| now.checked_add(limit));
        let mut exhausted = None;
        let waited = {
            let connecting = pin!(link(access, server, &target, taken, &mut exhausted));
            wait(client, connecting, deadline, now + UNWATCHED).await
        };
        let error = match waited {
            Waited::Done(Ok(link)) => return Ok(Ok(link)),
            Waited::Done(Err(error)) => error,
            Waited::Late => exhausted
                .unwrap_or_else(|| ConnectError::timed_out(&target.address, limit.unwrap_or_default())),
            Waited::Left(left) => return Err(left_while(left, Stage::Connect)),
        };
        let failure = error.failure();
        self.error = Some(error);
        let cause = match failure {
            ConnectFailure::TimedOut => Cause::ServerTimeout,
            ConnectFailure::Exhausted | ConnectFailure::NoLocalAddress => Cause::Resource,
            _ => Cause::Server,
        };
        self.first_trouble.get_or_insert(Termination::new(cause, Stage::Connect));
        Ok(Err(failure))
    }

    /// After a failed attempt.
    async fn next(
        &mut self,
        backend: &Arc<Backend>,
        server: &Arc<Server>,
        index: usize,
        failure: ConnectFailure,
        client: &mut impl Client,
    ) -> Result<Next, Termination> {
        // Descriptors were waited for as long as an attempt may take, and a protocol that cannot will not.
        let is_final = matches!(failure, ConnectFailure::Exhausted | ConnectFailure::Unsupported);
        if is_final || self.retries >= backend.config.retries {
            server.tally().failed();
            self.slot = None;
            return Err(self.fail(backend, NO_SERVER));
        }
        self.retries += 1;
        let elsewhere = self.may_go_elsewhere(backend, server);
        if elsewhere {
            self.slot = None;
        } else {
            server.tally().retried();
            backend.tally().retried();
        }
        let same_again = !elsewhere || !backend.has_alternatives();
        if same_again && failure != ConnectFailure::TimedOut {
            let pause = backend.timeouts().connect.map_or(PAUSE, |limit| limit.min(PAUSE));
            let now = Instant::now();
            match wait(client, pin!(pending::<()>()), now.checked_add(pause), now).await {
                Waited::Left(left) => return Err(left_while(left, Stage::Connect)),
                Waited::Late | Waited::Done(()) => {}
            }
        }
        Ok(if elsewhere { Next::ChooseAgain { avoid: Some(index) } } else { Next::SameServer })
    }

    fn may_go_elsewhere(&self, backend: &Backend, server: &Server) -> bool {
        let due = match backend.config.redispatch {
            Redispatch::Off => return false,
            Redispatch::Every(n) => n > 0 && self.retries.is_multiple_of(n),
            Redispatch::BeforeLast(n) => {
                let on = (u64::from(backend.config.retries) + 1).saturating_sub(n.into());
                on > 0 && u64::from(self.retries).is_multiple_of(on)
            }
        };
        // Where any server would do as well there is nothing to wait for.
        let is_arbitrary = !backend.config.balance.is_deterministic() && backend.has_alternatives();
        due || is_arbitrary || server.is_in_maintenance()
    }

    /// The end of a session that found no server: put down to what went wrong first.
    fn fail(&mut self, backend: &Backend, trouble: Termination) -> Termination {
        backend.tally().failed();
        *self.first_trouble.get_or_insert(trouble)
    }
}

/// A client that left before it had a server. One whose connection broke is put down to the data phase, as HAProxy
/// does: that is where it notices.
fn left_while(left: Left, stage: Stage) -> Termination {
    match left {
        Left::Closed => Termination::new(Cause::Client, stage),
        Left::Broke => Termination::new(Cause::Client, Stage::Data),
        Left::TimedOut => Termination::new(Cause::ClientTimeout, stage),
    }
}

/// A connection that is there, or a new one. If the process has run out of descriptors or memory it waits for the end of other sessions; nothing is
/// accepted meanwhile.
async fn link<A: Access>(
    access: &mut A,
    server: &Arc<Server>,
    target: &Target,
    taken: &Taken,
    exhausted: &mut Option<ConnectError>,
) -> Result<A::Link, ConnectError> {
    if let Some(link) = access.existing(server, &target.address).await {
        return Ok(link);
    }
    let mut starving = None;
    loop {
        let mut attempt = server.config().connector.connect(target);
        // The first step takes what there may be none of; waiting for the server takes nothing more.
        let begun = poll_fn(|cx| Poll::Ready(attempt.as_mut().poll(cx))).await;
        let result = match begun {
            Poll::Ready(result) => result,
            Poll::Pending => {
                drop(starving.take());
                attempt.await
            }
        };
        match result {
            Err(error) if error.failure() == ConnectFailure::Exhausted => {
                if access.make_room() {
                    continue;
                }
                *exhausted = Some(error);
                starving.get_or_insert_with(|| taken.starve());
                let _ = timeout(RETRY, taken.another_ended()).await;
            }
            Ok(stream) => return Ok(access.made(server, stream)),
            Err(error) => return Err(error),
        }
    }
}
