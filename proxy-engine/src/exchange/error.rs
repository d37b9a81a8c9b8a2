//! Why a side of an exchange cannot go on, and the code that the other side is given.

use std::io;

use proxy_relay::NoMemory;

/// The code for the end of an exchange or of a connection, by the numbers of RFC 9113, section 7. A codec whose
/// protocol has no such codes closes or resets the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(pub(crate) u32);

impl ErrorCode {
    /// `NO_ERROR`: the response is complete, and the rest of the request is not wanted.
    pub(crate) const NONE: ErrorCode = ErrorCode(0x0);
    /// `INTERNAL_ERROR`: the proxy cannot go on.
    pub(crate) const INTERNAL: ErrorCode = ErrorCode(0x2);
    /// `REFUSED_STREAM`: the request was not processed, and the client may send it again.
    pub(crate) const REFUSED: ErrorCode = ErrorCode(0x7);
    /// `CANCEL`: the exchange is no longer wanted.
    pub(crate) const CANCEL: ErrorCode = ErrorCode(0x8);
}

/// The reason why a side cannot go on.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "connections of HTTP/1 cannot reset one exchange, or refuse it")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It sent something that is not a message.
    Malformed,
    /// It ended before its message did.
    Ended,
    /// Its connection failed.
    Failed,
    /// It reset this exchange. Other exchanges of its connection go on.
    Reset(ErrorCode),
    /// It did not begin to process the request, which may be sent again whatever its method.
    Refused,
    /// There is no memory for what it sends.
    NoMemory,
}

impl From<NoMemory> for Broken {
    fn from(_: NoMemory) -> Broken {
        Broken::NoMemory
    }
}

impl From<io::Error> for Broken {
    /// Of a failed read.
    fn from(error: io::Error) -> Broken {
        if error.kind() == io::ErrorKind::OutOfMemory { Broken::NoMemory } else { Broken::Failed }
    }
}

impl Broken {
    /// Returns the code for the other side of the exchange.
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Broken::Reset(code) => code,
            Broken::Ended | Broken::Failed | Broken::Refused => ErrorCode::CANCEL,
            Broken::Malformed | Broken::NoMemory => ErrorCode::INTERNAL,
        }
    }
}

/// How a client left that waits for a server or for a response, or why it need not wait any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departure {
    /// It closed its sending direction. A client that has sent a request may still read the response.
    Closed,
    /// Its connection failed, or it reset the exchange.
    Broke,
    /// What it sent is no body: there will be no whole request.
    Malformed,
    /// There is no memory for what it sends.
    NoMemory,
}
