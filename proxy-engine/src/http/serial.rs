//! Serves a client's connection that carries one exchange after the other, and waits for requests in between.
//!
//! `exchange/keep_alive.rs` decides whether it is kept alive after an exchange.
//!
//! ```text
//!            begun                  head                       answered, kept alive
//!  waiting ────────► reading head ────────► an exchange ───────────────────────────────► waiting
//!     │ closed, idle     │ malformed, late      │ tunnel, or the connection is to be closed
//!     ▼                  ▼                      ▼
//!   closed           an error message       closed, after the client was given time to read
//! ```

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::READ;
use super::close::close;
use super::exchange::NoRequest;
use super::rooms::{Rest, Rooms, Work};
use crate::connection::{Begun, ClientConnection, Doing, Registered};
use crate::exchange::front::{Arrival, RequestFacts, SerialFront};
use crate::exchange::memory::Messages;
use crate::exchange::timer::Timer;
use crate::observe::Began;
use crate::policy::HttpPolicy;

/// The result of waiting for a request or its head.
enum Awaited<T> {
    Came(T),
    /// No request will come, for this reason.
    Nothing(NoRequest),
}

/// A client's connection while it is served.
struct Serial<'c> {
    connection: &'c Rc<ClientConnection>,
    policy: &'c Arc<HttpPolicy>,
    timer: Timer,
    /// What mode tcp has prepared for the first exchange.
    begun: Option<Box<Begun>>,
}

/// Serves a client until one side ends the connection. Not an `async fn`, which stores its arguments twice.
pub(crate) fn serve<'a>(
    connection: &'a Rc<ClientConnection>,
    policy: &'a Arc<HttpPolicy>,
    rooms: &'a Rooms,
    mut front: Box<dyn SerialFront>,
    begun: Option<Box<Begun>>,
) -> impl Future<Output = ()> + 'a {
    let mut serial = Serial { connection, policy, timer: Timer::default(), begun };
    async move {
        let mut idle_since = serial.connection.status.established().since;
        loop {
            let Some(request) = serial.wait_for_request(&mut *front, idle_since).await else { return };
            let ended = match rooms.serve(serial.work(front, request)).await {
                Rest::Nothing => return,
                Rest::KeepAlive(kept, timer, ended) => {
                    (front, serial.timer) = (kept, timer);
                    ended
                }
                Rest::Close(mut front, mut timer, is_sending) => {
                    return close(serial.connection, &mut *front, &mut timer, is_sending).await;
                }
            };
            idle_since = ended.unwrap_or_else(Instant::now);
        }
    }
}

/// A request, or its absence.
struct Requested {
    request: Result<RequestFacts, NoRequest>,
    began: Began,
    messages: Box<Messages>,
}

impl Serial<'_> {
    /// Waits for the next request. Returns `None` if the connection ends without one and without a log line.
    async fn wait_for_request(
        &mut self,
        front: &mut dyn SerialFront,
        idle_since: Instant,
    ) -> Option<Requested> {
        let connection = self.connection;
        connection.status.does(Doing::Idle, idle_since);
        if let Awaited::Nothing(reason) = self.wait(front, idle_since).await {
            return (!connection.is_known()).then(|| Requested {
                request: Err(reason),
                began: connection.status.established(),
                messages: connection.worker.memory.messages(),
            });
        }
        let (at, now) = (SystemTime::now(), Instant::now());
        connection.status.does(Doing::Busy, now);
        let mut messages = connection.worker.memory.messages();
        let since = if connection.is_known() { now } else { idle_since };
        let request = match self.head(front, &mut messages, since).await {
            Awaited::Came(facts) => Ok(facts),
            Awaited::Nothing(reason) => Err(reason),
        };
        let handshake = match connection.is_known() {
            true => Duration::ZERO,
            false => connection.status.established().handshake,
        };
        let began = Began { at, since: now, idle: since - idle_since, handshake };
        Some(Requested { request, began, messages })
    }

    /// Returns the exchange of a request, or of its absence.
    fn work(&mut self, front: Box<dyn SerialFront>, requested: Requested) -> Work {
        let Requested { request, began, messages } = requested;
        Work {
            connection: Rc::clone(self.connection),
            policy: Arc::clone(self.policy),
            front,
            request,
            activity: Registered::exchange(self.connection, began),
            messages,
            timer: std::mem::take(&mut self.timer),
            begun: self.begun.take(),
        }
    }

    /// Waits for the first byte of a request.
    async fn wait(&mut self, front: &mut dyn SerialFront, since: Instant) -> Awaited<()> {
        let (connection, timer) = (self.connection, &mut self.timer);
        let (timeouts, worker, is_known) = (&self.policy.timeouts, &connection.worker, connection.is_known());
        let limit = match is_known {
            false => timeouts.request,
            true => timeouts.keep_alive.or(timeouts.request),
        };
        let deadline = [limit, connection.inactivity()].into_iter().flatten().min();
        let deadline = deadline.and_then(|limit| since.checked_add(limit));
        let mut stopping = pin!(worker.stopping());
        poll_fn(|cx| {
            let mut buffer = worker.scratch.borrow(READ);
            if let Poll::Ready(begun) = front.poll_begin(cx, &mut buffer[..READ]) {
                return Poll::Ready(match begun {
                    Ok(true) if worker.memory.budget().is_tight() => Awaited::Nothing(NoRequest::NoMemory),
                    Ok(true) => Awaited::Came(()),
                    Ok(false) => Awaited::Nothing(NoRequest::Left),
                    Err(error) => Awaited::Nothing(NoRequest::failed(error.kind())),
                });
            }
            drop(buffer);
            connection.drop_closed(cx);
            if connection.status.kill.poll_killed(cx).is_ready() {
                return Poll::Ready(Awaited::Nothing(NoRequest::Killed));
            }
            if is_known && stopping.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Awaited::Nothing(NoRequest::Left));
            }
            timer.poll(cx, deadline).map(|()| Awaited::Nothing(NoRequest::TimedOut))
        })
        .await
    }

    /// Waits for the rest of a head that has begun to arrive.
    async fn head(
        &mut self,
        front: &mut dyn SerialFront,
        messages: &mut Messages,
        since: Instant,
    ) -> Awaited<RequestFacts> {
        messages.request.fields_mut().set_limit(self.policy.tuning.bufsize);
        let (connection, timer) = (self.connection, &mut self.timer);
        let (whole, silence) = (self.policy.timeouts.request, connection.inactivity());
        let worker = &connection.worker;
        let (mut active, mut came) = (since, 0);
        poll_fn(|cx| {
            if came > 0 && worker.memory.budget().is_tight() {
                return Poll::Ready(Awaited::Nothing(NoRequest::NoMemory));
            }
            let mut buffer = worker.scratch.borrow(READ);
            if let Poll::Ready(arrival) = front.poll_request(cx, &mut messages.request, &mut buffer[..READ]) {
                return Poll::Ready(match arrival {
                    Arrival::Request(facts) => Awaited::Came(facts),
                    Arrival::Malformed(status) => Awaited::Nothing(NoRequest::Malformed(status)),
                    Arrival::OtherProtocol => Awaited::Nothing(NoRequest::OtherProtocol),
                    Arrival::Ended => Awaited::Nothing(NoRequest::Left),
                    Arrival::NoMemory => Awaited::Nothing(NoRequest::NoMemory),
                    Arrival::Failed => Awaited::Nothing(NoRequest::Broke),
                });
            }
            if connection.status.kill.poll_killed(cx).is_ready() {
                return Poll::Ready(Awaited::Nothing(NoRequest::Killed));
            }
            if front.unread() != came {
                (active, came) = (Instant::now(), front.unread());
            }
            let ends = [(whole, since), (silence, active)];
            let ends = ends.map(|(limit, from)| limit.and_then(|limit| from.checked_add(limit)));
            timer.poll(cx, ends.into_iter().flatten().min()).map(|()| Awaited::Nothing(NoRequest::TimedOut))
        })
        .await
    }
}
