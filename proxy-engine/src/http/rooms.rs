//! The space of running exchanges, which the connections of a worker use in turn.
//!
//! An exchange at work needs more space than anything else that a client's connection does. The task of a connection
//! has none for it: it borrows a room for each exchange, so that neither an idle client nor one that is slow to send
//! its head holds that space, and a busy one allocates nothing.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::exchange::{Done, Exchange, NoRequest};
use crate::connection::{Begun, ClientConnection, Registered};
use crate::exchange::front::{RequestFacts, SerialFront};
use crate::exchange::memory::Messages;
use crate::exchange::timer::Timer;
use crate::policy::HttpPolicy;

/// The number of unused rooms that are kept; more are returned to the system.
const KEPT: usize = 512;

/// An exchange to serve, or a client to reject.
pub(super) struct Work {
    pub(super) connection: Rc<ClientConnection>,
    pub(super) policy: Arc<HttpPolicy>,
    pub(super) front: Box<dyn SerialFront>,
    pub(super) request: Result<RequestFacts, NoRequest>,
    pub(super) activity: Registered,
    pub(super) messages: Box<Messages>,
    pub(super) timer: Timer,
    /// What mode tcp has prepared.
    pub(super) begun: Option<Box<Begun>>,
}

/// What remains to be done with the connection after an exchange.
pub(super) enum Rest {
    /// Nothing: it is closed, or was a tunnel.
    Nothing,
    /// It is kept alive; with when the exchange ended, if the clock was read then.
    KeepAlive(Box<dyn SerialFront>, Timer, Option<Instant>),
    /// It is to be closed; with whether the client may still be sending.
    Close(Box<dyn SerialFront>, Timer, bool),
}

/// Rooms that are not in use.
#[derive(Default)]
pub(crate) struct Rooms(RefCell<Vec<Pin<Box<dyn Room>>>>);

impl Rooms {
    /// Serves an exchange in one of the rooms. Not an `async fn`, which would have space for its argument.
    pub(super) fn serve(&self, work: Work) -> impl Future<Output = Rest> {
        let unused = self.0.borrow_mut().pop();
        let mut room: Pin<Box<dyn Room>> =
            unused.unwrap_or_else(|| Box::pin(Space { serve, exchange: None }));
        room.as_mut().begin(work);
        async move {
            let rest = poll_fn(|cx| room.as_mut().poll(cx)).await;
            let mut unused = self.0.borrow_mut();
            if unused.len() < KEPT {
                unused.push(room);
            }
            rest
        }
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").field("unused", &self.0.borrow().len()).finish_non_exhaustive()
    }
}

/// Space for one exchange.
trait Room {
    /// Begins an exchange. The one before has ended.
    fn begin(self: Pin<&mut Self>, work: Work);

    /// Continues it.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Rest>;
}

pin_project! {
    /// Space for the future that `serve` returns.
    struct Space<S, E> {
        serve: S,
        #[pin]
        exchange: Option<E>,
    }
}

impl<S: Fn(Work) -> E, E: Future<Output = Rest>> Room for Space<S, E> {
    fn begin(self: Pin<&mut Self>, work: Work) {
        let mut this = self.project();
        this.exchange.set(Some((this.serve)(work)));
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Rest> {
        let mut this = self.project();
        let Some(exchange) = this.exchange.as_mut().as_pin_mut() else { return Poll::Ready(Rest::Nothing) };
        let rest = ready!(exchange.poll(cx));
        this.exchange.set(None);
        Poll::Ready(rest)
    }
}

/// Serves an exchange, or rejects a client that has sent no request. Not an `async fn`, which stores its arguments twice.
fn serve(work: Work) -> impl Future<Output = Rest> {
    let Work { connection, policy, mut front, request, activity, messages, timer, begun } = work;
    async move {
        let mut exchange = Exchange::new(&connection, &policy, activity, messages, timer);
        exchange.goes_on(begun);
        let facts = match request {
            Ok(facts) => facts,
            Err(reason) => {
                let closes = exchange.reject(&mut *front, reason).await;
                let timer = exchange.end();
                let is_sending = matches!(reason, NoRequest::Malformed(_));
                return if closes { Rest::Close(front, timer, is_sending) } else { Rest::Nothing };
            }
        };
        match exchange.run(&mut *front, facts).await {
            Done::Tunnel(server) => {
                // Boxed: few exchanges become one.
                Box::pin(exchange.tunnel(front.into_stream(), server)).await;
                return Rest::Nothing;
            }
            Done::Broken(_) => {
                exchange.end();
                return Rest::Nothing;
            }
            Done::Answered => {}
        }
        let ended = exchange.ended_at();
        let timer = exchange.end();
        if front.is_kept_alive() {
            front.end_exchange();
            return Rest::KeepAlive(front, timer, ended);
        }
        // The kernel resets a connection that is closed with unread bytes, and the client may lose the response.
        let is_sending = !front.is_complete() || front.unread() > 0;
        Rest::Close(front, timer, is_sending)
    }
}
