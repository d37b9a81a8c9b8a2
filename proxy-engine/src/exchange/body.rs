//! Bodies: one that comes in, one that goes out.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use proxy_http::Fields;

use super::error::Broken;

/// A part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// So many bytes were put into the buffer; never 0.
    Data(usize),
    /// That was all. There may be trailers.
    End,
}

/// A body that comes in.
pub(crate) trait BodyIn: fmt::Debug {
    /// The next part. Reads no more than fits into the buffer, and nothing once the end was returned.
    fn poll_body(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<Part, Broken>>;

    /// Ready once the end has come and no data is left before it, whose trailers are known then. It lets an end
    /// be passed on to a receiver that has no room for data. Never ready for a body whose end cannot be known before.
    fn poll_end(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Pending
    }

    /// The fields after a body that has ended.
    fn trailers(&self) -> &Fields;

    /// Whether all of the body was taken: its end need not be waited for.
    fn is_complete(&self) -> bool;
}

/// A message that goes out: a head, a body, an end, in this order.
pub(crate) trait BodyOut: fmt::Debug {
    /// Sends data and, with the trailers, which may be none, the end of the message. All of it is taken; what cannot
    /// go out at once is kept, and more is to be sent only when it is flushed.
    fn send(&mut self, cx: &mut Context<'_>, data: &[u8], end: Option<&Fields>) -> io::Result<()>;

    /// Ready when nothing is kept.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Bytes that are kept.
    fn kept(&self) -> usize;

    /// Bytes of a body that the peer takes now: no more is read from the other side of the exchange. A connection that
    /// carries one exchange has no limit but its socket, which [`kept`](Self::kept) tells of.
    fn room(&self) -> usize {
        usize::MAX
    }

    /// Ready once there is room.
    fn poll_room(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
