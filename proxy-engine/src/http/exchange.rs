//! What the proxy asks of the two sides of an exchange, whatever version of HTTP they speak.
//!
//! An exchange is one request and its response. The proxy moves heads and bodies between a front and a back; which
//! bytes stand for them on a connection is the business of whoever implements these traits. All calls are polled by the
//! task of the exchange, and none of them blocks.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Fields, Request, Response};

use super::buffers::Buffers;
use crate::policy::HttpPolicy;

/// A part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// So many bytes were put into the room; never 0.
    Data(usize),
    /// That was all. There may be trailers.
    End,
}

/// Why a side can not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It sent what is no message.
    Malformed,
    /// It ended before its message did.
    Ended,
    /// Its connection failed.
    Failed,
}

/// How a client went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It closed its direction: it may still be there for the answer.
    Closed,
    /// Its connection broke.
    Broke,
}

/// What comes behind an exchange on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another exchange, perhaps.
    Exchange,
    /// Its end.
    Close,
    /// A tunnel, if the response begins one.
    Tunnel,
}

/// A body that comes in.
pub(crate) trait BodyIn: fmt::Debug {
    /// The next part. Reads no more than fits into the room, and nothing once the end was told.
    fn poll_body(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Result<Part, Broken>>;

    /// The fields behind a body that has ended.
    fn trailers(&self) -> &Fields;

    /// Whether all of the body was taken: its end need not be waited for.
    fn is_complete(&self) -> bool;
}

/// A message that goes out: a head, a body, an end, in this order.
pub(crate) trait BodyOut: fmt::Debug {
    /// Sends data and, with the trailers, which may be none, the end of the message. All of it is taken; what can not
    /// go out at once is kept, and more is to be sent only when it is flushed.
    fn send(&mut self, cx: &mut Context<'_>, data: &[u8], end: Option<&Fields>) -> io::Result<()>;

    /// Ready when nothing is kept.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Bytes that are kept.
    fn kept(&self) -> usize;
}

/// The client's side of an exchange, whose request head has been read.
pub(crate) trait FrontExchange: BodyIn + BodyOut {
    /// The head of a response, or of an interim one. It goes out with what follows it, or when it is flushed.
    fn send_head(&mut self, head: &Response, body: BodyLength, next: Next);

    /// Ready once the client has closed its direction, or its connection broke. For after the request's end.
    fn poll_gone(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Gone>;

    /// Takes back what was sent and has not gone out, if nothing of the response has. Whether that is so.
    fn unsend(&mut self) -> bool;

    /// The connection, for what it tells.
    fn stream(&self) -> &dyn Stream;

    /// Bytes that came since the connection began.
    fn received(&self) -> u64;

    /// Those of them that belong to requests which have come.
    fn consumed(&self) -> u64;

    /// Bytes that the connection took since it began.
    fn sent(&self) -> u64;

    /// Lets go of the connection, with what was read of it and not consumed.
    fn into_stream(self: Box<Self>) -> Box<dyn Stream>;
}

/// What is known of a request once its head was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestFacts {
    /// What follows it.
    pub(crate) body: BodyLength,
    /// The client offers to speak another protocol behind the response.
    pub(crate) upgrade: bool,
    /// The client waits to be told to send the body.
    pub(crate) expects_continue: bool,
}

/// What came of waiting for a request.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// Its head.
    Request(RequestFacts),
    /// Something that is none: the status of the answer.
    Malformed(u16),
    /// The client closed its direction.
    Ended,
    /// Its connection broke.
    Failed,
}

/// A client's connection that carries one exchange after the other.
pub(crate) trait FrontConnection: FrontExchange {
    /// Waits for something to come: ready with false at the end of the client's direction.
    fn poll_begun(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [u8],
        buffers: &Buffers,
    ) -> Poll<io::Result<bool>>;

    /// Waits for the head of a request that has begun to come.
    fn poll_request(&mut self, cx: &mut Context<'_>, request: &mut Request, room: &mut [u8])
    -> Poll<Arrival>;

    /// Bytes of a request that has begun to come and is not complete, or of the next one.
    fn begun(&self) -> &[u8];

    /// Whether another request may come: neither message said otherwise.
    fn is_kept_alive(&self) -> bool;

    /// Gives memory away that an idle connection needs not.
    fn rest(&mut self, buffers: &Buffers);

    /// Closes the direction to the client once all is written.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Reads and forgets; ready at the end of the client's direction.
    fn poll_drain(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<()>;
}

/// What the connections of both sides speak.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codecs {
    /// For a client's.
    pub(crate) front: fn(Box<dyn Stream>, &HttpPolicy) -> Box<dyn FrontConnection>,
    /// For a server's.
    pub(crate) back: fn(Box<dyn Stream>, &HttpPolicy) -> Box<dyn BackExchange>,
}

/// What is known of a response once its head was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// What follows it.
    pub(crate) body: BodyLength,
    /// What comes behind that.
    pub(crate) next: Next,
}

/// The server's side of an exchange.
pub(crate) trait BackExchange: BodyIn + BodyOut {
    /// The head of the request. It goes out with what follows it, or when it is flushed.
    fn send_head(&mut self, head: &Request, body: BodyLength, next: Next);

    /// The head of the response, or of an interim one, after which this is called again.
    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Response,
        room: &mut [u8],
    ) -> Poll<Result<Head, Broken>>;

    /// The connection, for what it tells.
    fn stream(&self) -> &dyn Stream;

    /// Whether it may carry another exchange: both messages were carried whole, and both sides want to go on.
    fn is_reusable(&self) -> bool;

    /// Gives memory away that an idle connection needs not.
    fn rest(&mut self, buffers: &Buffers);

    /// Takes memory back.
    fn wake(&mut self, buffers: &Buffers);

    /// Whether an idle connection is still open and silent. The waker hears when that changes.
    fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool;

    /// Lets go of the connection, with what was read of it and not consumed.
    fn into_stream(self: Box<Self>) -> Box<dyn Stream>;
}
