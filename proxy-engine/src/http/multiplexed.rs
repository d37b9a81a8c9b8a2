//! Serves a client's connection that carries many exchanges at once: each exchange is a task, and this one moves the
//! bytes of the connection.
//!
//! ```text
//!          an exchange opens: a task of its own          a limit, a stop                  the last exchange ends
//!  driving ────────────────────────────────────► driving ───────────────► accepts no more ───────────────────────► closed
//!     ▲                                             │ └────────────── the client opens no more ────────────────────────▲
//!     └─────────────────────────────────────────────┘
//! ```
//!
//! The number of running exchanges is limited. One that the client has reset counts until its task ends, so a client
//! gains nothing by opening and resetting streams. At the limit, the next head stays unread.
//!
//! The connection lives until all of its exchanges have ended, even if it was killed or broke: each of them is logged.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::READ;
use super::close::close;
use super::exchange::{Done, Exchange, NoRequest};
use crate::connection::{Begun, ClientConnection, Doing, Registered};
use crate::exchange::error::ErrorCode;
use crate::exchange::front::{FrontExchange, MultiplexedFront, Opening, RequestFacts};
use crate::exchange::memory::Messages;
use crate::exchange::timer::Timer;
use crate::observe::Began;
use crate::policy::HttpPolicy;

/// The number of exchanges that are started before other tasks of the worker get their turn.
const OPENINGS: usize = 16;

/// An event that ends the wait for exchanges.
enum Event {
    /// No more exchanges will come, for this reason.
    Nothing(NoRequest),
    /// A soft stop has begun.
    Stopping,
}

/// A client's connection while it is served.
struct Multiplexed<'c> {
    connection: &'c Rc<ClientConnection>,
    policy: &'c Arc<HttpPolicy>,
    front: Box<dyn MultiplexedFront>,
    exchanges: JoinSet<()>,
    timer: Timer,
    /// What mode tcp has prepared for the first exchange.
    begun: Option<Box<Begun>>,
    /// Whether an exchange was opened, or the client was rejected without one.
    is_known: bool,
    is_stopping: bool,
    /// The moment at which the last exchange began.
    last_began: Instant,
    /// The state of the connection, and the moment at which it began.
    doing: (Doing, Instant),
    /// The moment at which a head began to arrive that is still incomplete.
    head_since: Option<Instant>,
}

/// Serves a client until one side ends the connection and its last exchange has ended.
pub(crate) async fn serve(
    connection: &Rc<ClientConnection>,
    policy: &Arc<HttpPolicy>,
    front: Box<dyn MultiplexedFront>,
    begun: Option<Box<Begun>>,
) {
    let since = connection.status.established().since;
    connection.status.does(Doing::Idle, since);
    let mut serving = Multiplexed {
        connection,
        policy,
        front,
        exchanges: JoinSet::new(),
        timer: Timer::default(),
        begun,
        is_known: false,
        is_stopping: false,
        last_began: since,
        doing: (Doing::Idle, since),
        head_since: None,
    };
    serving.run().await;
    while serving.exchanges.join_next().await.is_some() {}
}

impl Multiplexed<'_> {
    async fn run(&mut self) {
        let worker = Rc::clone(&self.connection.worker);
        let mut stopping = pin!(worker.stopping());
        loop {
            match poll_fn(|cx| self.poll_event(cx, stopping.as_mut())).await {
                Event::Stopping => {
                    self.is_stopping = true;
                    self.front.stop();
                }
                Event::Nothing(reason) => {
                    // Answers a request that is incomplete, or a client that has not sent any.
                    let is_rejected = !self.is_known || self.front.is_reading_head();
                    if is_rejected {
                        let front = self.front.unopened();
                        self.start(front, Err(reason), worker.memory.messages());
                    }
                    match reason {
                        NoRequest::Killed => {
                            self.front.abort(ErrorCode::CANCEL);
                            return;
                        }
                        NoRequest::Broke => return,
                        _ if is_rejected => self.front.stop(),
                        NoRequest::TimedOut
                        | NoRequest::Left
                        | NoRequest::Malformed(_)
                        | NoRequest::NoMemory
                        | NoRequest::OtherProtocol => {
                            let is_sending = reason != NoRequest::TimedOut;
                            return close(self.connection, &mut *self.front, &mut self.timer, is_sending)
                                .await;
                        }
                    }
                }
            }
        }
    }

    fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
        stopping: Pin<&mut impl Future<Output = ()>>,
    ) -> Poll<Event> {
        let connection = self.connection;
        if connection.status.kill.poll_killed(cx).is_ready() {
            return Poll::Ready(Event::Nothing(NoRequest::Killed));
        }
        if let Poll::Ready(reason) = self.poll_exchanges(cx) {
            return Poll::Ready(Event::Nothing(reason));
        }
        let was_full = self.is_full();
        // Reaps exchanges that have ended, and registers for the end of the others.
        while let Poll::Ready(Some(_)) = self.exchanges.poll_join_next(cx) {}
        if was_full && !self.is_full() {
            cx.waker().wake_by_ref();
        }
        connection.drop_closed(cx);
        if self.is_known && !self.is_stopping && stopping.poll(cx).is_ready() {
            return Poll::Ready(Event::Stopping);
        }
        self.look();
        self.timer.poll(cx, self.deadline()).map(|()| Event::Nothing(NoRequest::TimedOut))
    }

    /// Returns whether the limit of running exchanges is reached.
    fn is_full(&self) -> bool {
        self.exchanges.len() >= self.front.exchange_limit()
    }

    /// Starts the exchanges that the client opens, up to the limit. Ready, with the reason, when no more will come.
    fn poll_exchanges(&mut self, cx: &mut Context<'_>) -> Poll<NoRequest> {
        let worker = Rc::clone(&self.connection.worker);
        for _ in 0..OPENINGS {
            if self.is_full() {
                let mut buffer = worker.scratch.borrow(READ);
                return self.front.poll_drive(cx, &mut buffer[..READ]).map(|()| NoRequest::Broke);
            }
            let mut messages = worker.memory.messages();
            messages.request.fields_mut().set_limit(self.policy.tuning.bufsize);
            let opening = {
                let mut buffer = worker.scratch.borrow(READ);
                self.front.poll_open(cx, &mut messages.request, &mut buffer[..READ])
            };
            let nothing = match opening {
                Poll::Ready(Opening::Exchange(front, facts)) => {
                    self.start(front, Ok(facts), messages);
                    continue;
                }
                Poll::Ready(Opening::Malformed(front, status)) => {
                    self.start(front, Err(NoRequest::Malformed(status)), messages);
                    continue;
                }
                Poll::Ready(Opening::Ended) => Poll::Ready(NoRequest::Left),
                Poll::Ready(Opening::Failed) => Poll::Ready(NoRequest::Broke),
                Poll::Pending => Poll::Pending,
            };
            // A waiting connection holds no memory for messages.
            worker.memory.give_messages(messages);
            return nothing;
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Updates the state of the connection.
    fn look(&mut self) {
        // A head that waits because the limit is reached is not late.
        let is_reading = !self.is_full() && self.front.is_reading_head();
        if !is_reading {
            self.head_since = None;
        } else if self.head_since.is_none() {
            self.head_since = Some(Instant::now());
        }
        let doing = if is_reading || !self.exchanges.is_empty() { Doing::Busy } else { Doing::Idle };
        if doing != self.doing.0 {
            self.doing = (doing, Instant::now());
            self.connection.status.does(doing, self.doing.1);
        }
    }

    /// Returns the deadline for the rest of a head, or for the end of the client's idle time.
    fn deadline(&self) -> Option<Instant> {
        let (timeouts, silence) = (&self.policy.timeouts, self.connection.inactivity());
        let (since, limit) = match (self.head_since, self.doing) {
            (Some(since), _) if self.is_known => (since, timeouts.request.or(silence)),
            (Some(_), _) => (self.connection.status.established().since, timeouts.request.or(silence)),
            (None, (Doing::Busy, _)) => return None,
            (None, (_, since)) => {
                let limit = if self.is_known { timeouts.keep_alive } else { None };
                (since, [limit.or(timeouts.request), silence].into_iter().flatten().min())
            }
        };
        limit.and_then(|limit| since.checked_add(limit))
    }

    /// Spawns a task for an exchange, or for the reply to a client that has sent no request.
    fn start(
        &mut self,
        front: Box<dyn FrontExchange>,
        request: Result<RequestFacts, NoRequest>,
        messages: Box<Messages>,
    ) {
        let since = self.head_since.take().unwrap_or_else(Instant::now);
        let idle = since.saturating_duration_since(self.last_began);
        let handshake = match self.is_known {
            true => Duration::ZERO,
            false => self.connection.status.established().handshake,
        };
        let began = Began { idle, handshake, ..Began::at(since) };
        (self.is_known, self.last_began) = (true, since);
        let (connection, policy) = (Rc::clone(self.connection), Arc::clone(self.policy));
        let begun = self.begun.take();
        let serving = serve_exchange(connection, policy, front, request, (began, begun), messages);
        self.exchanges.spawn_local(serving);
    }
}

/// Serves one exchange. The connection learns how it ended from what happens to `front`.
async fn serve_exchange(
    connection: Rc<ClientConnection>,
    policy: Arc<HttpPolicy>,
    mut front: Box<dyn FrontExchange>,
    request: Result<RequestFacts, NoRequest>,
    (began, begun): (Began, Option<Box<Begun>>),
    messages: Box<Messages>,
) {
    let activity = Registered::exchange(&connection, began);
    let mut exchange = Exchange::new(&connection, &policy, activity, messages, Timer::default());
    exchange.goes_on(begun);
    let facts = match request {
        Ok(facts) => facts,
        Err(reason) => {
            if !exchange.reject(&mut *front, reason).await {
                front.reset(ErrorCode::CANCEL);
            }
            exchange.end();
            return;
        }
    };
    match exchange.run(&mut *front, facts).await {
        // The rest of the request is no longer needed.
        Done::Answered if !front.is_complete() => front.reset(ErrorCode::NONE),
        Done::Answered => {}
        Done::Broken(code) => front.reset(code),
        Done::Tunnel(server) => Box::pin(exchange.tunnel(front.into_stream(), server)).await,
    }
    exchange.end();
}
