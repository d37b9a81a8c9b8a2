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
use super::memory::Memory;
use super::{Continuation, StreamRef};

/// What is known of a response once its head was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResponseFacts {
    /// What follows it.
    pub(crate) body: BodyLength,
    /// What comes after that.
    pub(crate) then: Continuation,
}

/// The server's side of an exchange.
///
/// Dropping it before both messages were carried whole resets it with [`ErrorCode::CANCEL`], unless it was reset before:
/// an exchange that is killed is dropped wherever it is, and nothing calls [`reset`](Self::reset). The same goes for the
/// stream that it [becomes](Self::into_stream). A connection that carries one exchange at a time is closed when it is
/// dropped.
pub(crate) trait BackExchange: BodyIn + BodyOut {
    /// The head of the request. It goes out with what follows it, or when it is flushed.
    fn send_head(&mut self, head: &Request, body: BodyLength, then: Continuation);

    /// The head of the response, or of an interim one, after which this is called again.
    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Response,
        buffer: &mut [u8],
    ) -> Poll<Result<ResponseFacts, Broken>>;

    /// Ends the exchange before its response has. What shares the connection goes on.
    fn reset(&mut self, code: ErrorCode);

    /// The connection, for what it tells.
    fn stream(&self) -> StreamRef<'_>;

    /// How its connection failed, if it did and that is known.
    fn failure(&self) -> Option<io::ErrorKind> {
        None
    }

    /// Becomes a stream of bytes, with what was read and not consumed: for a tunnel.
    fn into_stream(self: Box<Self>) -> Box<dyn Stream>;
}

/// A server's connection that carries one exchange after the other, and is the one it carries.
pub(crate) trait SerialBack: BackExchange {
    /// Whether it may carry another exchange: both messages were carried whole, and both sides want to go on.
    fn is_reusable(&self) -> bool;

    /// Returns buffers to the worker while the connection is idle.
    fn release_memory(&mut self, memory: &Memory);

    /// Takes buffers for an exchange.
    fn take_memory(&mut self, memory: &Memory);

    /// Whether an idle connection is still open and silent. The waker is called when that changes.
    fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool;
}

/// A server's connection that carries many exchanges at once.
///
/// Whoever may open exchanges on it holds it. Dropping the last [`Rc`] of it is as good as [`stop`](Self::stop): the
/// connection ends with the last of its exchanges, which do not need this to go on.
pub(crate) trait MultiplexedBack: fmt::Debug {
    /// How many more exchanges it takes now; 0 for good once it has ended.
    fn capacity(&self) -> usize;

    /// Exchanges that are open.
    fn open(&self) -> usize;

    /// Opens an exchange. To be called only with capacity left.
    fn open_exchange(&self) -> Box<dyn BackExchange>;

    /// Ready once it can no longer be used: its server has ended it, or it failed.
    fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<()>;

    /// Takes no more exchanges and ends with the last one. Twice is as good as once.
    fn stop(&self);
}

/// A server's connection, whichever kind it is.
#[derive(Debug)]
pub(crate) enum Back {
    Serial(Box<dyn SerialBack>),
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the codec that makes one in the product is that of HTTP/2")
    )]
    Multiplexed(Rc<dyn MultiplexedBack>, Driver),
}

/// What moves the bytes of a connection that carries many exchanges: to be spawned on the worker. It ends with the
/// connection.
pub(crate) struct Driver(pub(crate) Pin<Box<dyn Future<Output = ()>>>);

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Driver")
    }
}
