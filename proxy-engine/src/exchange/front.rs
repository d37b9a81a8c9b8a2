//! The client's side: an exchange whose request has been read, and the connections that carry such exchanges.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Request, Response};

use super::body::{BodyIn, BodyOut};
use super::error::{Departure, ErrorCode};
use super::memory::Memory;
use super::{Continuation, StreamRef};

/// Exchanges of one client connection that run at once, unless its codec says otherwise. A server of HTTP/2 should allow
/// no fewer (RFC 9113, section 6.5.2).
const MOST_EXCHANGES: usize = 100;

/// The client's side of an exchange, whose request head has been read.
///
/// Dropping it before both messages were carried whole resets it with [`ErrorCode::CANCEL`], unless it was reset before.
/// The same goes for the stream that it [becomes](Self::into_stream). A connection that carries one exchange at a time
/// is closed when it is dropped.
pub(crate) trait FrontExchange: BodyIn + BodyOut {
    /// The head of a response, or of an interim one. It goes out with what follows it, or when it is flushed.
    fn send_head(&mut self, head: &Response, body: BodyLength, then: Continuation);

    /// Ready once the client has closed its direction, its connection broke, or it reset the exchange. For the time
    /// after the request's end.
    fn poll_departure(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Departure>;

    /// Takes back what was sent and has not gone out, if nothing of the response has. Whether that is so.
    fn unsend(&mut self) -> bool;

    /// Ends the exchange without a whole response. What shares the connection goes on.
    fn reset(&mut self, code: ErrorCode);

    /// The connection, for what it tells.
    fn stream(&self) -> StreamRef<'_>;

    /// Bytes from the client that were consumed by this exchange.
    fn received(&self) -> u64;

    /// Bytes of this exchange that the connection took.
    fn sent(&self) -> u64;

    /// Bytes that have come for this exchange, or after it, and were not consumed yet.
    fn unread(&self) -> u64;

    /// Becomes a stream of bytes, with what was read and not consumed: for a tunnel.
    fn into_stream(self: Box<Self>) -> Box<dyn Stream>;
}

/// What is known of a request once its head was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestFacts {
    /// What follows it.
    pub(crate) body: BodyLength,
    /// The client offers to speak another protocol after the response.
    pub(crate) upgrade: bool,
    /// The client waits to be told to send the body.
    pub(crate) expects_continue: bool,
}

/// What came of waiting for a request.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// Its head.
    Request(RequestFacts),
    /// Something that is none: the status of the reply.
    Malformed(u16),
    /// The client closed its direction.
    Ended,
    /// Its connection broke.
    Failed,
}

/// The end of a client's connection that is closed in order.
pub(crate) trait CloseFront {
    /// Closes the direction to the client once all is written.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Reads and discards; ready at the end of the client's direction.
    fn poll_drain(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<()>;
}

/// A client's connection that carries one exchange after the other, and is the one it carries.
pub(crate) trait SerialFront: FrontExchange + CloseFront {
    /// Waits for something to come: ready with false at the end of the client's direction.
    fn poll_begin(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
        memory: &Memory,
    ) -> Poll<io::Result<bool>>;

    /// Waits for the head of a request that has begun to come.
    fn poll_request(
        &mut self,
        cx: &mut Context<'_>,
        request: &mut Request,
        buffer: &mut [u8],
    ) -> Poll<Arrival>;

    /// Whether another request may come: neither message said otherwise.
    fn is_kept_alive(&self) -> bool;

    /// Ends an exchange: the bytes of the next one count from here, and buffers are returned to the worker.
    fn end_exchange(&mut self, memory: &Memory);
}

/// What came of waiting on a connection that carries many exchanges.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the codec that makes them in the product is that of HTTP/2")
)]
#[derive(Debug)]
pub(crate) enum Opening {
    /// An exchange, whose request head was put into the message.
    Exchange(Box<dyn FrontExchange>, RequestFacts),
    /// An exchange whose head is no request: the status of the reply. Others of the connection go on.
    Malformed(Box<dyn FrontExchange>, u16),
    /// No exchange is open, and none will be: the client opens no more, or no more are accepted.
    Ended,
    /// The connection is of no more use, and all its exchanges have been told.
    Failed,
}

/// A client's connection that carries many exchanges at once. It owns the socket; exchanges share state with it and
/// wake its task.
pub(crate) trait MultiplexedFront: CloseFront + fmt::Debug {
    /// Exchanges that may run at once. One that the client has reset counts until its side of the exchange is dropped,
    /// however many more the protocol lets the client open meanwhile.
    fn exchange_limit(&self) -> usize {
        MOST_EXCHANGES
    }

    /// Moves bytes in both directions, and waits for the next exchange. This or [`poll_drive`](Self::poll_drive) has to
    /// be polled as long as exchanges are open. The request is filled at once, when an exchange is returned.
    fn poll_open(&mut self, cx: &mut Context<'_>, request: &mut Request, buffer: &mut [u8]) -> Poll<Opening>;

    /// Moves bytes in both directions while as many exchanges run as may. One that the client opens meanwhile is refused,
    /// or waits, and no more is read than a bounded amount after its head. Ready once the connection is of no more use,
    /// and all its exchanges have been told.
    fn poll_drive(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<()>;

    /// Whether the head of a request has begun to come, and its end has not.
    fn is_reading_head(&self) -> bool;

    /// The exchange whose head has begun to come, for the reply to a client that does not go on; nothing that comes
    /// after it can be read. If none has begun it stands for no exchange: what was sent to it is discarded.
    fn unopened(&mut self) -> Box<dyn FrontExchange>;

    /// Accepts no more exchanges, and tells the client.
    fn stop(&mut self);

    /// Ends the connection and all its exchanges at once.
    fn abort(&mut self, code: ErrorCode);
}

/// A client's connection, whichever kind it is.
#[derive(Debug)]
pub(crate) enum Front {
    Serial(Box<dyn SerialFront>),
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the codec that makes one in the product is that of HTTP/2")
    )]
    Multiplexed(Box<dyn MultiplexedFront>),
}
