//! Errors in messages.

/// The kind of an error in a head, or in trailers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadErrorKind {
    /// Another byte than one that can begin a message.
    #[error("a message cannot begin with this byte")]
    Start,
    /// The preface of HTTP/2.
    #[error("this is HTTP/2, which is not supported here")]
    Http2Preface,
    /// The first record of a TLS handshake.
    #[error("this is TLS, which is not supported here")]
    TlsHello,
    /// The PROXY protocol, of either version.
    #[error("this is the PROXY protocol, which is not expected here")]
    ProxyLine,
    /// A byte that is not allowed in a method.
    #[error("not allowed in a method")]
    Method,
    /// A byte that is not allowed in a target.
    #[error("not allowed in a request target")]
    Target,
    /// The target is invalid, or its form does not suit the method.
    #[error("not a request target for this method")]
    TargetForm,
    /// The version is not `HTTP/`, digit, point, digit.
    #[error("not a version of HTTP")]
    Version,
    /// The status is not three digits from 100 on.
    #[error("not a status code")]
    Status,
    /// A carriage return without a line feed.
    #[error("a carriage return without a line feed")]
    LineEnd,
    /// A name is empty, or has a byte that is not allowed.
    #[error("not allowed in the name of a field")]
    FieldName,
    /// A byte that is not allowed in a value.
    #[error("not allowed in the value of a field")]
    FieldValue,
    /// `content-length` is not a number, too large, or repeated with another value.
    #[error("content-length is not one number")]
    ContentLength,
    /// `transfer-encoding` is empty, has chunked twice, or does not end with it.
    #[error("transfer-encoding does not delimit the body")]
    TransferEncoding,
    /// `transfer-encoding` has a coding other than chunked.
    #[error("a transfer coding that is not supported")]
    UnknownCoding,
    /// `host` is not an authority, or repeated with another value.
    #[error("host is not one authority")]
    Host,
    /// `host` and the target's authority differ.
    #[error("host is not the authority of the request target")]
    HostMismatch,
    /// `upgrade: websocket` without the other fields of a handshake.
    #[error("a WebSocket handshake without its key")]
    WebSocketKey,
    /// A GET, HEAD or DELETE of HTTP/1.0 has a body.
    #[error("a method of HTTP/1.0 that takes no body has one")]
    UnexpectedBody,
    /// The request line is longer than a head may be.
    #[error("the request line is too long")]
    LineTooLong,
    /// The head is longer than the limit.
    #[error("the head is too large")]
    TooLarge,
    /// There are more fields than the limit.
    #[error("too many fields")]
    TooManyFields,
}

/// A kind of error, and the offset at which it was found.
pub(super) type Fault = (HeadErrorKind, usize);

/// The error of an invalid request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {position})")]
pub struct RequestError {
    /// The kind of error.
    pub kind: HeadErrorKind,
    /// The offset of the byte in the message, with the empty lines before it.
    pub position: usize,
}

impl RequestError {
    /// Returns the status of the reply.
    pub fn status(&self) -> u16 {
        match self.kind {
            HeadErrorKind::Http2Preface => 405,
            HeadErrorKind::UnexpectedBody => 413,
            HeadErrorKind::LineTooLong => 414,
            HeadErrorKind::UnknownCoding => 422,
            HeadErrorKind::TooLarge => 431,
            _ => 400,
        }
    }
}

impl From<Fault> for RequestError {
    fn from((kind, position): Fault) -> RequestError {
        RequestError { kind, position }
    }
}

/// The error of an invalid response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {position})")]
pub struct ResponseError {
    /// The kind of error.
    pub kind: HeadErrorKind,
    /// The offset of the byte in the message, with the empty lines before it.
    pub position: usize,
}

impl From<Fault> for ResponseError {
    fn from((kind, position): Fault) -> ResponseError {
        ResponseError { kind, position }
    }
}

/// The kind of an error in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyErrorKind {
    /// The input ended before the body.
    #[error("the body is truncated")]
    Truncated,
    /// The size is not a number, or 2^52 or more.
    #[error("not the size of a chunk")]
    ChunkSize,
    /// A byte that is not allowed in an extension, or an open quoted string in it.
    #[error("not allowed in a chunk extension")]
    ChunkExtension,
    /// A line that does not end with a carriage return and a line feed.
    #[error("a chunk's line does not end with CR LF")]
    ChunkLineEnd,
    /// There are more or fewer data than the size.
    #[error("a chunk's data do not have the length of its size")]
    ChunkEnd,
    /// A chunk's line is longer than a head may be.
    #[error("a chunk's line is too long")]
    ChunkLineTooLong,
    /// The trailers are invalid.
    #[error("in the trailers: {0}")]
    Trailers(HeadErrorKind),
}

/// The error of a body that does not have the framing of its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {position})")]
pub struct BodyError {
    /// The kind of error.
    pub kind: BodyErrorKind,
    /// The offset of the byte in the raw body.
    pub position: u64,
}
