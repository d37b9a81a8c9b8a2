//! A client that is not served yet: whether it is still there, and what it has sent meanwhile.
//!
//! Bytes that come are kept, a little of them, and put back before the stream. A client that closes without having sent
//! anything no longer wants anything; one that has sent something and closed its direction waits for the response.

use std::pin::Pin;
use std::task::{Context, Poll};

use proto_core::address::Address;
use proto_core::layer::Prefixed;
use proto_core::stream::Stream;
use tokio::io::ReadBuf;
use tokio::time::Instant;

use crate::balance::Requester;
use crate::connection::ClientConnection;
use crate::exchange::error::Departure;
use crate::upstream::client_wait::Downstream;

/// Bytes kept of a client that is not served yet; more stay in the system's buffers. HAProxy keeps one buffer, too.
const KEPT: usize = 16 * 1024;
/// Bytes per read. On the stack.
const READ: usize = 4096;

/// A client that waits.
#[derive(Debug)]
pub(crate) struct WaitingClient<'c> {
    connection: &'c ClientConnection,
    stream: Box<dyn Stream>,
    received: Vec<u8>,
    has_finished: bool,
    active: Instant,
}

impl<'c> WaitingClient<'c> {
    pub(crate) fn new(connection: &'c ClientConnection, stream: Box<dyn Stream>) -> WaitingClient<'c> {
        let active = connection.status.established().since;
        WaitingClient { connection, stream, received: Vec::new(), has_finished: false, active }
    }

    pub(crate) fn stream(&self) -> &dyn Stream {
        &*self.stream
    }

    /// Bytes that it has sent.
    pub(crate) fn received(&self) -> u64 {
        self.received.len() as u64
    }

    /// Its connection with what was read of it put back.
    pub(crate) fn into_stream(self) -> Box<dyn Stream> {
        Prefixed::new(self.received, self.stream)
    }
}

impl Downstream for WaitingClient<'_> {
    fn source(&self) -> &Address {
        self.connection.status.source()
    }

    fn destination(&self) -> Address {
        self.connection.destination(&*self.stream).clone()
    }

    fn requester(&self) -> Requester<'_> {
        Requester { client: self.source().known_as().map(|inet| inet.ip()), request: None }
    }

    /// A client that has finished, or whose bytes are not taken, need not speak.
    fn silence_ends(&self) -> Option<Instant> {
        let may_speak = !self.has_finished && self.received.len() < KEPT;
        let limit = self.connection.inactivity().filter(|_| may_speak);
        limit.and_then(|limit| self.active.checked_add(limit))
    }

    fn poll_departure(&mut self, cx: &mut Context<'_>) -> Poll<Departure> {
        while !self.has_finished && self.received.len() < KEPT {
            let mut bytes = [0; READ];
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *self.stream).poll_read(cx, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(_)) => return Poll::Ready(Departure::Broke),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                    self.has_finished = true;
                    if self.received.is_empty() {
                        return Poll::Ready(Departure::Closed);
                    }
                }
                Poll::Ready(Ok(())) => {
                    self.received.extend_from_slice(buffer.filled());
                    self.active = Instant::now();
                }
            }
        }
        Poll::Pending
    }
}
