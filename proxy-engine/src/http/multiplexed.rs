//! A client's connection that carries many exchanges at once: each is a task of its own, and this one drives the
//! connection.
//!
//! ```text
//!            an exchange opens: a task of its own        the client ends, a limit, a stop
//!  driving ────────────────────────────────────► driving ────────────────────────────────► draining ─► closed
//!     ▲                                             │                                          (the open ones go on)
//!     └─────────────────────────────────────────────┘
//! ```

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::exchange::{Done, Exchange};
use crate::connection::{ClientConnection, Doing};
use crate::exchange::error::ErrorCode;
use crate::exchange::front::{FrontExchange, MultiplexedFront, Opening, RequestFacts};
use crate::exchange::memory::Messages;
use crate::exchange::timer::Timer;
use crate::observe::Began;
use crate::policy::HttpPolicy;

/// How much is read at once.
const READ: usize = 16 * 1024;

/// What ends the wait for the next exchange.
enum Event {
    Opening(Opening),
    /// No exchange was open for too long.
    Idle,
    /// The worker stops softly.
    Stopping,
    Killed,
}

/// Serves a client until one side ends the connection and its last exchange has ended.
pub(crate) async fn serve(
    connection: &Rc<ClientConnection>,
    policy: &Arc<HttpPolicy>,
    mut front: Box<dyn MultiplexedFront>,
) {
    let worker = &connection.worker;
    let mut timer = Timer::default();
    let mut stopping = pin!(worker.stopping());
    let mut is_draining = false;
    let mut idle_since = connection.status.established().since;
    loop {
        let mut messages = worker.memory.messages();
        messages.request.fields_mut().set_limit(policy.tuning.bufsize);
        let event = poll_fn(|cx| {
            if connection.status.kill.poll_killed(cx).is_ready() {
                return Poll::Ready(Event::Killed);
            }
            let mut buffer = worker.scratch.borrow(READ);
            let opening = front.poll_open(cx, &mut messages.request, &mut buffer[..READ]);
            if let Poll::Ready(opening) = opening {
                return Poll::Ready(Event::Opening(opening));
            }
            drop(buffer);
            connection.drop_closed(cx);
            if !is_draining && stopping.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Event::Stopping);
            }
            if front.open() > 0 {
                idle_since = Instant::now();
                if connection.status.doing().0 != Doing::Busy {
                    connection.status.does(Doing::Busy, idle_since);
                }
                return Poll::Pending;
            }
            connection.status.does(Doing::Idle, idle_since);
            let deadline = idle_limit(connection, policy).and_then(|limit| idle_since.checked_add(limit));
            timer.poll(cx, deadline).map(|()| Event::Idle)
        })
        .await;
        match event {
            Event::Opening(Opening::Exchange(exchange, facts)) => {
                let task =
                    serve_exchange(Rc::clone(connection), Arc::clone(policy), exchange, facts, messages);
                tokio::task::spawn_local(task);
                continue;
            }
            Event::Opening(Opening::Ended) | Event::Idle => {
                if front.open() == 0 {
                    close(connection, &mut *front, &mut timer).await;
                    return;
                }
                is_draining = true;
            }
            Event::Stopping => {
                is_draining = true;
                front.stop();
            }
            Event::Opening(Opening::Failed) => return,
            Event::Killed => {
                front.abort(ErrorCode::CANCEL);
                return;
            }
        }
        worker.memory.give_messages(messages);
    }
}

/// How long a connection without exchanges stays open.
fn idle_limit(connection: &ClientConnection, policy: &HttpPolicy) -> Option<Duration> {
    let timeouts = &policy.timeouts;
    let limit = match connection.is_known() {
        false => timeouts.request,
        true => timeouts.keep_alive.or(timeouts.request),
    };
    [limit, connection.inactivity()].into_iter().flatten().min()
}

/// Serves one exchange. The connection is told how it ended by what becomes of its front.
async fn serve_exchange(
    connection: Rc<ClientConnection>,
    policy: Arc<HttpPolicy>,
    mut front: Box<dyn FrontExchange>,
    facts: RequestFacts,
    messages: Messages,
) {
    let began = Began::now();
    let mut exchange = Exchange::new(&connection, &policy, began, messages, Timer::default());
    match exchange.run(&mut *front, facts).await {
        // What the client still sends of its request is no longer wanted.
        Done::Answered if !front.is_complete() => front.reset(ErrorCode::CANCEL),
        Done::Answered => {}
        Done::Broken(code) => front.reset(code),
        Done::Tunnel(server) => exchange.tunnel(front.into_stream(), server).await,
    }
}

/// Closes the direction to the client, within the limit of its silence and unless it is killed.
async fn close(connection: &ClientConnection, front: &mut dyn MultiplexedFront, timer: &mut Timer) {
    let now = Instant::now();
    connection.status.does(Doing::Closing, now);
    let deadline = connection.inactivity().and_then(|limit| now.checked_add(limit));
    poll_fn(|cx| match front.poll_close(cx) {
        Poll::Pending if connection.status.kill.poll_killed(cx).is_ready() => Poll::Ready(()),
        Poll::Pending => timer.poll(cx, deadline),
        Poll::Ready(_) => Poll::Ready(()),
    })
    .await;
}
