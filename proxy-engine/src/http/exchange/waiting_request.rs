//! A client whose request waits for a server: whether it is still there.

use std::task::{Context, Poll};

use proto_core::address::Address;
use proto_core::options::SocketOption;
use tokio::time::Instant;

use crate::balance::Requester;
use crate::connection::{ClientConnection, RuleTraces};
use crate::exchange::error::Departure;
use crate::exchange::front::FrontExchange;
use crate::upstream::client_wait::Downstream;

/// Bytes that a client may send ahead while its request waits for a server. On the stack.
const AHEAD: usize = 4096;

/// A client whose request is led to a server.
pub(super) struct WaitingRequest<'t> {
    pub(super) connection: &'t ClientConnection,
    /// What rules have changed.
    pub(super) traces: &'t RuleTraces,
    pub(super) front: &'t mut dyn FrontExchange,
    pub(super) requester: Requester<'t>,
    /// It may leave.
    pub(super) aborts: bool,
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
        if !self.aborts || !self.front.is_complete() {
            return Poll::Pending;
        }
        let mut buffer = [0; AHEAD];
        self.front.poll_departure(cx, &mut buffer).map(|_| Departure::Closed)
    }

    fn silence_ends(&self) -> Option<Instant> {
        None
    }
}
