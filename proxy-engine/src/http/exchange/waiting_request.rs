//! Watches a client whose request waits for a server.
//!
//! The end of the client's direction is seen only after the bytes before it. So the body is read ahead, as far as it
//! can be kept. A client that closes before the end of its body no longer waits, whatever the options.

use std::cell::Cell;
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::options::SocketOption;
use tokio::time::Instant;

use super::upload::Upload;
use crate::balance::Requester;
use crate::connection::{ClientConnection, RuleTraces};
use crate::exchange::error::{Broken, Departure};
use crate::exchange::front::FrontExchange;
use crate::exchange::pause::Pause;
use crate::http::READ;
use crate::upstream::client_wait::Downstream;

/// A client whose request waits for a server.
pub(super) struct WaitingRequest<'t> {
    pub(super) connection: &'t ClientConnection,
    /// The changes that rules have made.
    pub(super) traces: &'t RuleTraces,
    pub(super) front: &'t mut dyn FrontExchange,
    pub(super) upload: &'t mut Upload,
    pub(super) requester: Requester<'t>,
    /// Whether a client that closes after its request no longer waits: `option abortonclose`.
    pub(super) aborts: bool,
    /// The last progress of the body, or the beginning of the wait for it.
    pub(super) active: Cell<Option<Instant>>,
    pub(super) pause: Pause,
}

impl WaitingRequest<'_> {
    /// Returns whether more of the body is read ahead.
    fn may_send(&self) -> bool {
        !self.front.is_complete()
            && !self.upload.is_full()
            && !self.connection.worker.memory.budget().is_scarce()
    }
}

impl Downstream for WaitingRequest<'_> {
    fn source(&self) -> &Address {
        self.traces.source(self.connection)
    }

    fn destination(&self) -> Address {
        self.traces.destination(self.connection, &*self.front.stream()).clone()
    }

    fn server_options(&self) -> &[SocketOption] {
        self.traces.server_options()
    }

    fn requester(&self) -> Requester<'_> {
        self.requester
    }

    fn poll_departure(&mut self, cx: &mut Context<'_>) -> Poll<Departure> {
        let worker = &self.connection.worker;
        let mut buffer = worker.scratch.borrow(READ);
        while !self.front.is_complete() {
            if self.upload.is_full() {
                return Poll::Pending;
            }
            ready!(self.pause.poll(cx, worker.memory.budget(), &*self.front.stream()));
            let received = self.front.received();
            let ahead = self.upload.poll_part(cx, self.front, &mut buffer[..READ]);
            if self.front.received() != received {
                self.active.set(Some(Instant::now()));
            }
            match ahead {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(Broken::Malformed)) => return Poll::Ready(Departure::Malformed),
                Poll::Ready(Err(Broken::NoMemory)) => return Poll::Ready(Departure::NoMemory),
                Poll::Ready(Err(_)) => return Poll::Ready(Departure::Closed),
                Poll::Ready(Ok(())) => {}
            }
        }
        match self.front.poll_departure(cx, &mut buffer[..READ]) {
            // It may only have ended its direction, and wait for the response.
            Poll::Ready(Departure::Closed) if !self.aborts => Poll::Pending,
            Poll::Ready(Departure::NoMemory) => Poll::Ready(Departure::NoMemory),
            // However a client leaves while it waits, it is logged as closed.
            departure => departure.map(|_| Departure::Closed),
        }
    }

    fn silence_ends(&self) -> Option<Instant> {
        let limit = self.connection.inactivity().filter(|_| self.may_send())?;
        let active = self.active.get().unwrap_or_else(Instant::now);
        self.active.set(Some(active));
        active.checked_add(limit)
    }
}
