//! A client that is not served yet: whether it is still there, and what it has sent meanwhile.
//!
//! Bytes that come are kept, a little of them, and put back before the stream. A client that closes without having sent
//! anything wants nothing any more; one that has sent something and closed its direction waits for the answer.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use proto_core::layer::Prefixed;
use proto_core::stream::Stream;
use tokio::io::ReadBuf;
use tokio::time::{Instant, sleep_until};

use crate::balance::Asked;

/// Bytes kept of a client that is not served yet; more stay in the system's buffers. HAProxy keeps one buffer, too.
const KEPT: usize = 16 * 1024;
/// Bytes per read. On the stack.
const READ: usize = 4096;

/// A client that waits.
#[derive(Debug)]
pub(crate) struct WaitingClient {
    stream: Box<dyn Stream>,
    sent: Vec<u8>,
    has_finished: bool,
    active: Instant,
    patience: Option<Duration>,
}

/// How a client left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// It closed without having sent anything.
    Closed,
    /// Its connection broke.
    Broke,
    /// It sent nothing for longer than it may.
    TimedOut,
}

/// What a wait came to.
#[derive(Debug)]
pub(crate) enum Waited<T> {
    /// What was waited for.
    Done(T),
    /// The time is over.
    Late,
    /// The client has left.
    Left(Left),
}

/// A client that is led to a server.
pub(crate) trait Client {
    /// Its connection.
    fn stream(&self) -> &dyn Stream;

    /// What a server is chosen by.
    fn asked(&self) -> Asked<'_>;

    /// Ready once it has left.
    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<Left>;

    /// When it will have been silent for too long.
    fn patience_ends(&self) -> Option<Instant>;
}

/// Waits for something, until a deadline, as long as the client stays.
///
/// What is waited for is pinned by the caller: a future that is moved into another takes its room twice.
///
/// The client is looked at from `look_from` on, or not at all: looking reads, and a wait that is over at once
/// should not cost that.
pub(crate) async fn wait<T>(
    client: &mut impl Client,
    mut what: Pin<&mut impl Future<Output = T>>,
    deadline: Option<Instant>,
    look_from: Instant,
) -> Waited<T> {
    let mut timer = pin!(sleep_until(look_from));
    let mut armed = None;
    let mut looking = look_from <= Instant::now();
    poll_fn(|cx| {
        if let Poll::Ready(done) = what.as_mut().poll(cx) {
            return Poll::Ready(Waited::Done(done));
        }
        loop {
            if looking && let Poll::Ready(left) = client.poll_left(cx) {
                return Poll::Ready(Waited::Left(left));
            }
            let patience = client.patience_ends();
            let next = [deadline, patience, (!looking).then_some(look_from)].into_iter().flatten().min();
            let Some(next) = next else { return Poll::Pending };
            if armed != Some(next) {
                timer.as_mut().reset(next);
                armed = Some(next);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Poll::Ready(Waited::Late);
            }
            if patience.is_some_and(|ends| ends <= now) {
                if looking {
                    return Poll::Ready(Waited::Left(Left::TimedOut));
                }
                // It may have sent something that nobody has looked at.
                looking = true;
            }
            looking |= look_from <= now;
            armed = None;
        }
    })
    .await
}

impl WaitingClient {
    pub(crate) fn new(stream: Box<dyn Stream>, accepted: Instant, patience: Option<Duration>) -> Self {
        WaitingClient { stream, sent: Vec::new(), has_finished: false, active: accepted, patience }
    }

    /// Bytes it has sent.
    pub(crate) fn sent(&self) -> usize {
        self.sent.len()
    }

    /// To be served: the stream with what was read of it put back.
    pub(crate) fn into_stream(self) -> Box<dyn Stream> {
        Prefixed::new(self.sent, self.stream)
    }
}

impl Client for WaitingClient {
    fn stream(&self) -> &dyn Stream {
        &*self.stream
    }

    fn asked(&self) -> Asked<'_> {
        Asked { client: self.stream.peer_addr().inet().map(|inet| inet.ip()), request: None }
    }

    /// Whoever has finished, or whose bytes are not taken, need not speak.
    fn patience_ends(&self) -> Option<Instant> {
        let may_speak = !self.has_finished && self.sent.len() < KEPT;
        self.patience.filter(|_| may_speak).and_then(|patience| self.active.checked_add(patience))
    }

    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<Left> {
        while !self.has_finished && self.sent.len() < KEPT {
            let mut bytes = [0; READ];
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *self.stream).poll_read(cx, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(_)) => return Poll::Ready(Left::Broke),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                    self.has_finished = true;
                    if self.sent.is_empty() {
                        return Poll::Ready(Left::Closed);
                    }
                }
                Poll::Ready(Ok(())) => {
                    self.sent.extend_from_slice(buffer.filled());
                    self.active = Instant::now();
                }
            }
        }
        Poll::Pending
    }
}
