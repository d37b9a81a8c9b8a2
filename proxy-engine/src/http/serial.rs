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
use std::task::Poll;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::READ;
use super::close::close;
use super::exchange::{Done, Exchange, NoRequest};
use crate::connection::{Begun, ClientConnection, Doing};
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
    policy: &'c HttpPolicy,
    timer: Timer,
    /// What mode tcp has prepared for the first exchange.
    begun: Option<Box<Begun>>,
}

/// Serves a client until one side ends the connection.
pub(crate) async fn serve(
    connection: &Rc<ClientConnection>,
    policy: &HttpPolicy,
    mut front: Box<dyn SerialFront>,
    begun: Option<Box<Begun>>,
) {
    let mut serial = Serial { connection, policy, timer: Timer::default(), begun };
    let mut idle_since = connection.status.established().since;
    while let Some(kept) = serial.serve_next(front, idle_since).await {
        front = kept;
        idle_since = Instant::now();
    }
}

impl Serial<'_> {
    /// Serves the next exchange. Returns the connection if it is kept alive.
    async fn serve_next(
        &mut self,
        mut front: Box<dyn SerialFront>,
        idle_since: Instant,
    ) -> Option<Box<dyn SerialFront>> {
        let (connection, policy) = (self.connection, self.policy);
        connection.status.does(Doing::Idle, idle_since);
        if let Awaited::Nothing(reason) = self.wait(&mut *front, idle_since).await {
            if !connection.is_known() {
                let (timer, began) = (self.take_timer(), connection.status.established());
                let messages = connection.worker.memory.messages();
                let mut exchange = Exchange::new(connection, policy, began, messages, timer);
                exchange.goes_on(self.begun.take());
                self.reject(exchange, front, reason).await;
            }
            return None;
        }
        let now = Instant::now();
        connection.status.does(Doing::Busy, now);
        let since = if connection.is_known() { now } else { idle_since };
        let handshake = match connection.is_known() {
            true => Duration::ZERO,
            false => connection.status.established().handshake,
        };
        let began = Began { at: SystemTime::now(), since: now, idle: since - idle_since, handshake };
        let mut messages = connection.worker.memory.messages();
        let arrival = self.head(&mut *front, &mut messages, since).await;
        let timer = self.take_timer();
        let mut exchange = Exchange::new(connection, policy, began, messages, timer);
        exchange.goes_on(self.begun.take());
        let facts = match arrival {
            Awaited::Came(facts) => facts,
            Awaited::Nothing(reason) => {
                self.reject(exchange, front, reason).await;
                return None;
            }
        };
        let done = exchange.run(&mut *front, facts).await;
        if let Done::Tunnel(server) = done {
            exchange.tunnel(front.into_stream(), server).await;
            return None;
        }
        self.timer = exchange.end();
        if let Done::Broken(_) = done {
            return None;
        }
        if front.is_kept_alive() {
            front.end_exchange(&connection.worker.memory);
            return Some(front);
        }
        // The kernel resets a connection that is closed with unread bytes, and the client may lose the response.
        let is_sending = !front.is_complete() || front.unread() > 0;
        close(connection, &mut *front, &mut self.timer, is_sending).await;
        None
    }

    fn take_timer(&mut self) -> Timer {
        std::mem::take(&mut self.timer)
    }

    /// Answers a client that has sent no request, and closes its connection.
    async fn reject(
        &mut self,
        mut exchange: Exchange<'_>,
        mut front: Box<dyn SerialFront>,
        reason: NoRequest,
    ) {
        let closes = exchange.reject(&mut *front, reason).await;
        self.timer = exchange.end();
        if closes {
            let is_sending = matches!(reason, NoRequest::Malformed(_));
            close(self.connection, &mut *front, &mut self.timer, is_sending).await;
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
            if let Poll::Ready(begun) = front.poll_begin(cx, &mut buffer[..READ], &worker.memory) {
                return Poll::Ready(match begun {
                    Ok(true) if worker.shortage.lacks_memory() => Awaited::Nothing(NoRequest::NoMemory),
                    Ok(true) => Awaited::Came(()),
                    Ok(false) => Awaited::Nothing(NoRequest::Left),
                    Err(_) => Awaited::Nothing(NoRequest::Broke),
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
            if came > 0 && worker.shortage.lacks_memory() {
                return Poll::Ready(Awaited::Nothing(NoRequest::NoMemory));
            }
            let mut buffer = worker.scratch.borrow(READ);
            if let Poll::Ready(arrival) = front.poll_request(cx, &mut messages.request, &mut buffer[..READ]) {
                return Poll::Ready(match arrival {
                    Arrival::Request(facts) => Awaited::Came(facts),
                    Arrival::Malformed(status) => Awaited::Nothing(NoRequest::Malformed(status)),
                    Arrival::OtherProtocol => Awaited::Nothing(NoRequest::OtherProtocol),
                    Arrival::Ended => Awaited::Nothing(NoRequest::Left),
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
