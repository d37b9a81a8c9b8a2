//! The server's side: an exchange with a server, and the connections that carry such exchanges.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Request, Response};

use super::body::{BodyIn, BodyOut};
use super::error::{Broken, ErrorCode};
use super::{Continuation, StreamRef};

/// What is known of a response once its head has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResponseFacts {
    /// The length of its body.
    pub(crate) body: BodyLength,
    /// What follows the exchange on the connection.
    pub(crate) then: Continuation,
}

/// The server's side of an exchange.
///
/// Dropping it before both messages were carried completely resets it with [`ErrorCode::CANCEL`], unless it was reset
/// before: an exchange that is killed is dropped wherever it is, and nothing calls [`reset`](Self::reset). The same
/// holds for the stream that it [becomes](Self::into_stream). A connection that carries one exchange at a time is
/// closed when it is dropped.
pub(crate) trait BackExchange: BodyIn + BodyOut {
    /// Sends the head of the request. It goes out with what follows it, or when it is flushed.
    fn send_head(&mut self, head: &Request, body: BodyLength, then: Continuation);

    /// Becomes ready with the head of the response, or with the head of an interim one, after which this is called
    /// again.
    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Response,
        buffer: &mut [u8],
    ) -> Poll<Result<ResponseFacts, Broken>>;

    /// Ends the exchange before its response has ended. Other exchanges of the connection go on.
    fn reset(&mut self, code: ErrorCode);

    /// Returns the connection, for what is known of it.
    fn stream(&self) -> StreamRef<'_>;

    /// Returns how its connection failed, if it did and the reason is known.
    fn failure(&self) -> Option<io::ErrorKind> {
        None
    }

    /// Turns it into a stream of bytes for a tunnel. What was read and not consumed comes first.
    fn into_stream(self: Box<Self>) -> Box<dyn Stream>;
}

/// A server's connection that carries one exchange after the other, and is the one it carries.
pub(crate) trait SerialBack: BackExchange {
    /// Returns whether it may carry another exchange: both messages were carried completely, and both sides want to go
    /// on.
    fn is_reusable(&self) -> bool;

    /// Returns whether an idle connection is still open and silent. The waker is called when that changes.
    fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool;
}

/// A server's connection that carries many exchanges at once.
///
/// Each place that may open exchanges on it holds an [`Rc`] of it. Dropping the last one has the effect of
/// [`stop`](Self::stop): the connection ends with the last of its exchanges, which do not need the `Rc` to go on.
pub(crate) trait MultiplexedBack: fmt::Debug {
    /// Returns how many more exchanges it takes now; 0 for good once it has ended.
    fn capacity(&self) -> usize;

    /// Returns the number of open exchanges.
    fn open(&self) -> usize;

    /// Opens an exchange. Must only be called while there is capacity left.
    fn open_exchange(&self) -> Box<dyn BackExchange>;

    /// Becomes ready once it can no longer be used: its server has ended it, or it failed.
    fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<()>;

    /// Takes no more exchanges, and ends with the last one. A second call has no effect.
    fn stop(&self);
}

/// A server's connection of either kind.
#[derive(Debug)]
pub(crate) enum Back {
    Serial(Box<dyn SerialBack>),
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the codec that makes one in the product is that of HTTP/2")
    )]
    Multiplexed(Rc<dyn MultiplexedBack>, Driver),
}

/// The future that moves the bytes of a connection with many exchanges. It is spawned on the worker, and ends with the
/// connection.
pub(crate) struct Driver(pub(crate) Pin<Box<dyn Future<Output = ()>>>);

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Driver")
    }
}
