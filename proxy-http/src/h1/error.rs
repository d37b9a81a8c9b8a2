//! What is wrong with bytes that should have been a message.

/// What is wrong with a head, or with trailers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadErrorKind {
    /// Something else stands where the message should begin.
    #[error("no message begins with this")]
    Start,
    /// The preface of HTTP/2.
    #[error("this is HTTP/2, which is not spoken here")]
    Http2Preface,
    /// The first record of a TLS handshake.
    #[error("this is TLS, which is not spoken here")]
    TlsHello,
    /// The PROXY protocol, of either version.
    #[error("this is the PROXY protocol, which is not expected here")]
    ProxyLine,
    /// In the method.
    #[error("not allowed in a method")]
    Method,
    /// In the target.
    #[error("not allowed in a request target")]
    Target,
    /// The target's form does not fit the method, or is none.
    #[error("no request target for this method")]
    TargetForm,
    /// Not `HTTP/`, digit, point, digit.
    #[error("not a version of HTTP")]
    Version,
    /// Not three digits from 100 on.
    #[error("not a status code")]
    Status,
    /// A carriage return without a line feed.
    #[error("a carriage return without a line feed")]
    LineEnd,
    /// No name, or in a name.
    #[error("not allowed in the name of a field")]
    FieldName,
    /// In a value.
    #[error("not allowed in the value of a field")]
    FieldValue,
    /// `content-length` is no number, too large, or said twice differently.
    #[error("content-length is not one number")]
    ContentLength,
    /// `transfer-encoding` is empty, has chunked twice, or not at the end.
    #[error("transfer-encoding does not delimit the body")]
    TransferEncoding,
    /// `transfer-encoding` names something beside chunked.
    #[error("a transfer coding that is not supported")]
    UnknownCoding,
    /// `host` is no authority, or said twice differently.
    #[error("host is not one authority")]
    Host,
    /// `host` and the target's authority differ.
    #[error("host is not the authority of the request target")]
    HostMismatch,
    /// `upgrade: websocket` without what belongs to it.
    #[error("a WebSocket handshake without its key")]
    WebSocketKey,
    /// A GET, HEAD or DELETE of HTTP/1.0 has a body.
    #[error("a method of HTTP/1.0 that takes no body has one")]
    UnexpectedBody,
    /// The request line is longer than a head may be.
    #[error("the request line is too long")]
    LineTooLong,
    /// The head is longer than it may be.
    #[error("the head is too large")]
    TooLarge,
    /// There are more fields than there may be.
    #[error("too many fields")]
    TooManyFields,
}

/// A kind of error, and the offset it was found at.
pub(super) type Fault = (HeadErrorKind, usize);

/// Bytes that are not a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {position})")]
pub struct RequestError {
    /// What is wrong.
    pub kind: HeadErrorKind,
    /// The offset of the byte in the message, with the empty lines before it.
    pub position: usize,
}

impl RequestError {
    /// The status of the answer.
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

/// Bytes that are not a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {position})")]
pub struct ResponseError {
    /// What is wrong.
    pub kind: HeadErrorKind,
    /// The offset of the byte in the message, with the empty lines before it.
    pub position: usize,
}

impl From<Fault> for ResponseError {
    fn from((kind, position): Fault) -> ResponseError {
        ResponseError { kind, position }
    }
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyErrorKind {
    /// The input ended before it.
    #[error("the body is cut off")]
    Truncated,
    /// No number, or one of 2^52 or more.
    #[error("not the size of a chunk")]
    ChunkSize,
    /// In an extension, or a quoted string in it is open.
    #[error("not allowed in a chunk extension")]
    ChunkExtension,
    /// A line that does not end in a carriage return and a line feed.
    #[error("a chunk's line without its end")]
    ChunkLineEnd,
    /// More or fewer data than the size has said.
    #[error("a chunk's data are not as long as its size")]
    ChunkEnd,
    /// A chunk's line is longer than a head may be.
    #[error("a chunk's line is too long")]
    ChunkLineTooLong,
    /// The trailers are none.
    #[error("in the trailers: {0}")]
    Trailers(HeadErrorKind),
}

/// Bytes that are not the body that the head has promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {position})")]
pub struct BodyError {
    /// What is wrong.
    pub kind: BodyErrorKind,
    /// The offset of the byte in the raw body.
    pub position: u64,
}
