//! Bodies that are received, and messages that are sent.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use proxy_http::Fields;

use super::error::Broken;

/// A part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The number of bytes that were put into the buffer; never 0.
    Data(usize),
    /// The end of the body. There may be trailers.
    End,
}

/// A body that is received.
pub(crate) trait BodyIn: fmt::Debug {
    /// Becomes ready with the next part. Reads no more than fits into the buffer, and nothing once the end was
    /// returned.
    fn poll_body(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<Part, Broken>>;

    /// Becomes ready once the end has arrived and no data is left before it; the trailers are known then. With this an end
    /// can be passed on to a receiver that has no room for data. Never ready for a body whose end cannot be known in
    /// advance.
    fn poll_end(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Pending
    }

    /// Returns the fields after a body that has ended.
    fn trailers(&self) -> &Fields;

    /// Returns whether all of the body was taken, so that its end need not be waited for.
    fn is_complete(&self) -> bool;
}

/// A message that is sent: a head, a body, an end, in this order.
pub(crate) trait BodyOut: fmt::Debug {
    /// Sends data, and the end of the message if there are trailers, which may be empty. All of it is taken; what
    /// cannot go out at once is kept, and no more is to be sent before that is flushed.
    fn send(&mut self, cx: &mut Context<'_>, data: &[u8], end: Option<&Fields>) -> io::Result<()>;

    /// Becomes ready when nothing is kept any more.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Returns the number of bytes that are kept.
    fn kept(&self) -> usize;

    /// Returns the number of body bytes that the peer takes now: no more are read from the other side of the exchange.
    /// A connection that carries one exchange has no limit but its socket, for which see [`kept`](Self::kept).
    fn room(&self) -> usize {
        usize::MAX
    }

    /// Becomes ready once there is room.
    fn poll_room(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
