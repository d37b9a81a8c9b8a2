//! The client's side: an exchange whose request has been read, and the connections that carry such exchanges.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Request, Response};

use super::body::{BodyIn, BodyOut};
use super::error::{Departure, ErrorCode};
use super::{Continuation, StreamRef};

/// The limit of concurrent exchanges of a client connection, unless its codec has another. A server of HTTP/2 should
/// allow no fewer (RFC 9113, section 6.5.2).
const MOST_EXCHANGES: usize = 100;

/// The client's side of an exchange, whose request head has been read.
///
/// Dropping it before both messages were carried completely resets it with [`ErrorCode::CANCEL`], unless it was reset
/// before. The same holds for the stream that it [becomes](Self::into_stream). A connection that carries one exchange
/// at a time is closed when it is dropped.
pub(crate) trait FrontExchange: BodyIn + BodyOut {
    /// Sends the head of a response, or of an interim one. It goes out with what follows it, or when it is flushed.
    fn send_head(&mut self, head: &Response, body: BodyLength, then: Continuation);

    /// Becomes ready once the client has closed its sending direction, its connection failed, or it reset the exchange.
    /// It is polled after the end of the request.
    fn poll_departure(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Departure>;

    /// Takes back what was sent and has not gone out, unless a part of the response has. Returns whether it did.
    fn unsend(&mut self) -> bool;

    /// Ends the exchange without a complete response. Other exchanges of the connection go on.
    fn reset(&mut self, code: ErrorCode);

    /// Returns the connection, for what is known of it.
    fn stream(&self) -> StreamRef<'_>;

    /// Returns the number of bytes from the client that this exchange has consumed.
    fn received(&self) -> u64;

    /// Returns the number of bytes of this exchange that the connection has taken.
    fn sent(&self) -> u64;

    /// Returns the number of bytes received for this exchange, or after it, that were not consumed yet.
    fn unread(&self) -> u64;

    /// Turns it into a stream of bytes for a tunnel. What was read and not consumed comes first.
    fn into_stream(self: Box<Self>) -> Box<dyn Stream>;
}

/// What is known of a request once its head has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestFacts {
    /// The length of its body.
    pub(crate) body: BodyLength,
    /// Whether the client offers to speak another protocol after the response.
    pub(crate) upgrade: bool,
    /// Whether the client waits for an interim response before it sends the body.
    pub(crate) expects_continue: bool,
}

/// The result of waiting for a request.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// The head of a request has arrived.
    Request(RequestFacts),
    /// The bytes are not a request; with the status of the reply.
    Malformed(u16),
    /// The bytes begin a protocol that is not supported, in which the proxy cannot reply.
    OtherProtocol,
    /// The client closed its sending direction.
    Ended,
    /// There is no memory for more of it.
    NoMemory,
    /// Its connection failed.
    Failed,
}

/// A client's connection that is closed in order.
pub(crate) trait CloseFront {
    /// Closes the direction to the client once everything is written.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Reads and discards; ready at the end of the client's direction.
    fn poll_drain(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<()>;
}

/// A client's connection that carries one exchange after the other, and is the one it carries.
pub(crate) trait SerialFront: FrontExchange + CloseFront {
    /// Waits for the first byte; ready with false at the end of the client's direction.
    fn poll_begin(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<bool>>;

    /// Waits for the complete head of a request of which a part has arrived.
    fn poll_request(
        &mut self,
        cx: &mut Context<'_>,
        request: &mut Request,
        buffer: &mut [u8],
    ) -> Poll<Arrival>;

    /// Returns whether another request may come, which either message can prevent.
    fn is_kept_alive(&self) -> bool;

    /// Ends an exchange: the bytes of the next one count from here.
    fn end_exchange(&mut self);
}

/// The result of waiting on a connection that carries many exchanges.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the codec that makes them in the product is that of HTTP/2")
)]
#[derive(Debug)]
pub(crate) enum Opening {
    /// An exchange, whose request head was put into the message.
    Exchange(Box<dyn FrontExchange>, RequestFacts),
    /// An exchange whose head is not a request, with the status of the reply. Other exchanges of the connection go on.
    Malformed(Box<dyn FrontExchange>, u16),
    /// No exchange is open, and none will be: the client opens no more, or no more are accepted.
    Ended,
    /// The connection can no longer be used, and all its exchanges have been notified.
    Failed,
}

/// A client's connection that carries many exchanges at once. It owns the socket; exchanges share state with it and
/// wake its task.
pub(crate) trait MultiplexedFront: CloseFront + fmt::Debug {
    /// Returns the limit of concurrent exchanges. One that the client has reset counts until its side of the exchange
    /// is dropped, however many more the protocol lets the client open meanwhile.
    fn exchange_limit(&self) -> usize {
        MOST_EXCHANGES
    }

    /// Moves bytes in both directions, and waits for the next exchange. This or [`poll_drive`](Self::poll_drive) has to
    /// be polled as long as exchanges are open. The request is filled at once, when an exchange is returned.
    fn poll_open(&mut self, cx: &mut Context<'_>, request: &mut Request, buffer: &mut [u8]) -> Poll<Opening>;

    /// Moves bytes in both directions while no more exchanges may run. One that the client opens meanwhile is refused
    /// or waits, and no more than a bounded amount is read after its head. Ready once the connection can no longer be
    /// used, and all its exchanges have been notified.
    fn poll_drive(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<()>;

    /// Returns whether a part of the head of a request has arrived.
    fn is_reading_head(&self) -> bool;

    /// Returns the exchange whose head is incomplete, to send a reply to a client that does not continue;
    /// nothing that comes after it can be read. If there is none, what is sent to the returned one is discarded.
    fn unopened(&mut self) -> Box<dyn FrontExchange>;

    /// Accepts no more exchanges, and notifies the client.
    fn stop(&mut self);

    /// Ends the connection and all its exchanges at once.
    fn abort(&mut self, code: ErrorCode);
}

/// A client's connection of either kind.
#[derive(Debug)]
pub(crate) enum Front {
    Serial(Box<dyn SerialFront>),
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the codec that makes one in the product is that of HTTP/2")
    )]
    Multiplexed(Box<dyn MultiplexedFront>),
}
